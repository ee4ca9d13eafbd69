using System.Security.Cryptography;
using StackExchange.Redis;

namespace Dub.Clerk.Store;

/// <summary>A command and its outcome.</summary>
internal sealed class ReplicatedWrite(string command, object[] arguments)
{
    private readonly TaskCompletionSource<RedisResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Command { get; } = command;

    public object[] Arguments { get; } = arguments;

    public Task<RedisResult> Result => _result.Task;

    public void Succeed(RedisResult result) => _result.TrySetResult(result);

    public void Fail(Exception fault) => _result.TrySetException(fault);
}

/// <summary>Writes to one master that are acknowledged, or not, by one <c>WAIT</c>.</summary>
/// <remarks>The connection is named before the first write with a name that nobody used before, and asked for its name after the <c>WAIT</c>. The client
/// connects again by itself, to a server that may have been started again, but it never gives a connection that name: if it is still called so, all of them went over
/// this one connection, to this one process. A master that is made a replica in between ends a <c>WAIT</c> with an error.</remarks>
internal static class ReplicatedGroup
{
    /// <summary>How long replicas have time.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public static async Task RunAsync(IServer server, IReadOnlyList<ReplicatedWrite> writes, int replicas)
    {
        var replies = new Task<RedisResult>[writes.Count];
        StoreException? doubt;
        try
        {
            var name = "dub-" + RandomNumberGenerator.GetHexString(24, lowercase: true);
            var named = SendAsync(server, "CLIENT", "SETNAME", name);
            for (var i = 0; i < replies.Length; i++)
            {
                replies[i] = SendAsync(server, writes[i].Command, writes[i].Arguments);
            }

            var held = SendAsync(server, "WAIT", replicas, (long)Patience.TotalMilliseconds);
            var still = SendAsync(server, "CLIENT", "GETNAME");
            Task all = Task.WhenAll([named, held, still, .. replies]);
            await all.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            doubt = await DoubtAsync(named, held, still, name, replicas);
        }
        catch (Exception e) when (StoreException.IsStoreFault(e) || e is ArgumentException)
        {
            doubt = new StoreException("The store did not answer.", e);
        }

        for (var i = 0; i < replies.Length; i++)
        {
            if (replies[i] is { IsCompletedSuccessfully: true } reply && doubt is null)
            {
                writes[i].Succeed(await reply);
            }
            else
            {
                // What the server said of the write itself comes first: it may be that the write is not for it.
                writes[i].Fail(replies[i]?.Exception?.InnerException ?? doubt ?? new StoreException("The store did not answer."));
            }
        }
    }

    /// <returns>Null when the writes are where they shall be.</returns>
    private static async Task<StoreException?> DoubtAsync(Task<RedisResult> named, Task<RedisResult> held, Task<RedisResult> still, string name, int replicas)
    {
        foreach (var task in new[] { named, held, still })
        {
            if (!task.IsCompletedSuccessfully)
            {
                return new StoreException("Whether replicas have the write is not known.", task.Exception?.InnerException);
            }
        }

        if ((string?)await still != name)
        {
            return new StoreException("The connection to the store was lost: whether replicas have the write is not known.");
        }

        var count = (int)await held;
        return count >= replicas ? null : new StoreException($"Only {count} of {replicas} replicas have the write.");
    }

    private static Task<RedisResult> SendAsync(IServer server, string command, params object[] arguments)
        => server.ExecuteAsync(null, command, arguments, CommandFlags.NoRedirect | CommandFlags.DemandMaster);
}
