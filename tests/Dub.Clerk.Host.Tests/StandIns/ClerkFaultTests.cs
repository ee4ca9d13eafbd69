using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Host.StandIns.Clerk;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Host.Tests.StandIns;

public sealed class ClerkFaultTests(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly ClerkStandIn Instance = new();
    private const string Change = """{"public_metadata":{"dubClickId":"x"}}""";

    private ClerkServer _clerk = null!;
    private ClerkCaller _caller = null!;

    public async ValueTask InitializeAsync()
    {
        _clerk = await ClerkServer.StartAsync(new ClerkServerOptions { Instance = Instance, UserLimit = null });
        _caller = new ClerkCaller(_clerk);
        _clerk.Users.Create("user_1");
    }

    public async ValueTask DisposeAsync()
    {
        _caller.Dispose();
        await _clerk.DisposeAsync();
    }

    [Theory]
    [InlineData(nameof(ClerkFault.TooManyRequests), 429, "application/json", false)]
    [InlineData(nameof(ClerkFault.ServerErrorBefore), 500, "application/json", false)]
    [InlineData(nameof(ClerkFault.UnavailableBefore), 503, "text/html", false)]
    [InlineData(nameof(ClerkFault.ServerErrorAfter), 502, "text/html", true)]
    public async Task FaultWithAnAnswer_IsAnsweredOnceAndLeavesWhatItSays(string fault, int status, string contentType, bool changed)
    {
        _clerk.Faults.Next(Enum.Parse<ClerkFault>(fault));

        var answer = await _caller.MergeAsync("user_1", Change);

        Assert.Equal((status, contentType), (answer.Status, answer.ContentType));
        Assert.Equal(changed, IsChanged());
        Assert.Equal(200, (await _caller.MergeAsync("user_1", Change)).Status);
    }

    [Theory]
    [InlineData(nameof(ClerkFault.ResetBefore), false)]
    [InlineData(nameof(ClerkFault.ResetAfter), true)]
    public async Task Reset_EndsTheConnection(string fault, bool changed)
    {
        _clerk.Faults.Next(Enum.Parse<ClerkFault>(fault));

        await Assert.ThrowsAsync<HttpRequestException>(() => _caller.MergeAsync("user_1", Change));

        Assert.Equal(changed, IsChanged());
        Assert.Equal(1, _clerk.Calls.Count(ClerkCallKind.MergeMetadata, "user_1", status: 0));
    }

    [Theory]
    [InlineData(nameof(ClerkFault.TimeoutBefore), false)]
    [InlineData(nameof(ClerkFault.TimeoutAfter), true)]
    public async Task Timeout_LastsUntilTheStandInStops(string fault, bool changed)
    {
        _clerk.Faults.Next(Enum.Parse<ClerkFault>(fault));

        var call = _caller.MergeAsync("user_1", Change);
        await Poll.UntilAsync(() => IsChanged() == changed, "the effect is there");
        Assert.False(call.IsCompleted);
        _clerk.Faults.Stop();

        await Assert.ThrowsAsync<HttpRequestException>(() => call);
    }

    [Fact]
    public async Task RandomFaults_AreTheSameForTheSameSeed()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        ClerkFault[] kinds = [ClerkFault.TooManyRequests, ClerkFault.ServerErrorBefore, ClerkFault.ServerErrorAfter];

        _clerk.Faults.Randomly(0.3, new Random(seed), kinds);
        var first = await StatusesAsync();
        _clerk.Faults.Randomly(0.3, new Random(seed), kinds);
        var second = await StatusesAsync();

        Assert.Equal(first, second);
        Assert.InRange(first.Count(status => status != 200), 20, 110);
        _clerk.Faults.Clear();
        Assert.All(await StatusesAsync(), status => Assert.Equal(200, status));
    }

    private bool IsChanged() => _clerk.Users.Find("user_1")!["public_metadata"]!["dubClickId"] is not null;

    private async Task<List<int>> StatusesAsync()
    {
        List<int> statuses = [];
        for (var call = 0; call < 200; call++)
        {
            statuses.Add((await _caller.GetAsync("/v1/users/user_1")).Status);
        }

        return statuses;
    }
}
