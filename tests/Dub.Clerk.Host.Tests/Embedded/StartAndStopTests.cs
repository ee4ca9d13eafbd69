using Dub.Clerk.Host.Embedded;
using Dub.Clerk.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dub.Clerk.Host.Tests.Embedded;

public sealed class StartAndStopTests
{
    [Fact]
    public async Task Restart_KeepsEveryKindOfKey()
    {
        await using var fixture = await GarnetFixture.StartAsync();
        await fixture.Database.StringSetAsync("string", "a");
        await fixture.Database.HashSetAsync("hash", [new("x", "1"), new("y", "2")]);
        await fixture.Database.SortedSetAddAsync("zset", "member", 12.5);
        await fixture.Database.ListRightPushAsync("list", ["1", "2"]);

        await fixture.RestartAsync();

        Assert.Equal("a", await fixture.Database.StringGetAsync("string"));
        Assert.Equal("2", await fixture.Database.HashGetAsync("hash", "y"));
        Assert.Equal(12.5, await fixture.Database.SortedSetScoreAsync("zset", "member"));
        Assert.Equal(2, await fixture.Database.ListLengthAsync("list"));
    }

    [Fact]
    public async Task ManyInOneProcess_KeepApart()
    {
        var fixtures = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => GarnetFixture.StartAsync()));
        try
        {
            await Task.WhenAll(fixtures.Select((fixture, i) => fixture.Database.StringSetAsync("who", i)));
            await Task.WhenAll(fixtures.Select(fixture => fixture.RestartAsync()));

            var answers = await Task.WhenAll(fixtures.Select(fixture => fixture.Database.StringGetAsync("who")));
            Assert.Equal(Enumerable.Range(0, 8), answers.Select(answer => (int)answer));
        }
        finally
        {
            await Task.WhenAll(fixtures.Select(fixture => fixture.DisposeAsync().AsTask()));
        }
    }

    [Fact]
    public async Task FolderInUse_IsRefusedWithTheRemedy()
    {
        await using var fixture = await GarnetFixture.StartAsync();
        await using var second = new EmbeddedStore(fixture.Folder, NullLoggerFactory.Instance, TimeProvider.System);

        var error = await Assert.ThrowsAsync<EmbeddedStoreException>(() => second.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains(fixture.Folder, error.Message, StringComparison.Ordinal);
        Assert.Contains("in use by another", error.Message, StringComparison.Ordinal);
        await fixture.Database.PingAsync();
    }
}
