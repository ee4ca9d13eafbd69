using System.Globalization;
using StackExchange.Redis;

namespace Dub.Clerk.Testing;

/// <summary>A Redis master with a replica.</summary>
internal sealed class ReplicatedRedis : IAsyncDisposable
{
    private ReplicatedRedis(RedisNode master, RedisNode replica) => (Master, Replica) = (master, replica);

    public RedisNode Master { get; }

    public RedisNode Replica { get; }

    public ConfigurationOptions ConfigurationOptions => new()
    {
        EndPoints = { Master.Address },
        AbortOnConnectFail = false,
        AllowAdmin = true,
        ReconnectRetryPolicy = new LinearRetry(50),
        AsyncTimeout = RedisServerFixture.PatientMilliseconds,
    };

    public string ConnectionString => ConfigurationOptions.ToString(includePassword: true);

    public static async Task<ReplicatedRedis> StartAsync()
    {
        var master = await RedisNode.StartAsync();
        try
        {
            var pair = new ReplicatedRedis(master, await RedisNode.StartAsync("--replicaof", $"127.0.0.1 {master.Port.ToString(CultureInfo.InvariantCulture)}"));
            await master.SayAsync("PUBLISH anything 1");
            await Poll.UntilAsync(async () => Follows(await master.SayAsync("INFO replication")), "the replica follows");
            return pair;
        }
        catch
        {
            await master.DisposeAsync();
            throw;
        }
    }

    /// <summary>A replica is called online before it is sent anything; that begins with its first acknowledgement, which tells of a message.</summary>
    private static bool Follows(string replication)
        => replication.Contains("state=online", StringComparison.Ordinal) && !replication.Contains("state=online,offset=0,", StringComparison.Ordinal);

    public async ValueTask DisposeAsync()
    {
        await Replica.DisposeAsync();
        await Master.DisposeAsync();
    }
}
