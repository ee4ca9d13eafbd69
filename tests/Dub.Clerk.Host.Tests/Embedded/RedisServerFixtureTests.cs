using Dub.Clerk.Testing;

namespace Dub.Clerk.Host.Tests.Embedded;

public sealed class RedisServerFixtureTests
{
    [Fact]
    public async Task KilledAndRestarted_KeepsWhatItAcknowledged()
    {
        Assert.SkipWhen(RedisServerFixture.MissingReason is not null, RedisServerFixture.MissingReason ?? string.Empty);
        await using var fixture = await RedisServerFixture.StartAsync();
        await fixture.Database.StringSetAsync("key", "value");

        fixture.Kill();
        await fixture.RestartAsync();

        Assert.Equal("value", await fixture.Database.StringGetAsync("key"));
    }
}
