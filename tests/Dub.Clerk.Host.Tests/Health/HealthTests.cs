using System.Text.Json;
using Dub.Clerk.Host.Tests.Embedded;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Host.Tests.Health;

/// <summary>What is wrong is said by part and in words to whoever asks <c>/health/ready</c>, and only what cannot be done without makes the host unready.</summary>
public sealed class HealthTests
{
    [Fact]
    public async Task DiskThatIsAboutToBeFull_IsSaid_AndTheHostStaysReady()
    {
        var folder = Directory.CreateTempSubdirectory("dub-test-");
        try
        {
            using var disk = SmallDisk.Mount(folder.FullName, megabytes: 200);
            await using var host = await HostFixture.StartAsync(new Dictionary<string, string?> { ["DUBCLERK_DATA_DIR"] = folder.FullName });

            var reason = await DegradedAsync(host, "disk");

            Assert.Matches("^The disk of the data folder has 1[0-9][0-9] MiB left.$", reason);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task KeysThatCannotBeFetched_AreSaid_UntilTheyCanBe()
    {
        await using var clerk = await JwksServer.StartAsync();
        await using var host = await HostFixture.StartAsync(new Dictionary<string, string?> { ["CLERK_JWT_KEY"] = null, ["DubClerk:JwksAddress"] = clerk.Address.ToString() });
        Assert.Equal(401, await AskAsync(host));

        Assert.StartsWith("Clerk's keys could not be fetched, so nobody is signed in.", await DegradedAsync(host, "clerkKeys"), StringComparison.Ordinal);

        clerk.Serve(host.Clerk.Jwks());
        await Poll.UntilAsync(async () => await AskAsync(host) == 200, "the keys are fetched");
        Assert.Equal("healthy", (await ReadyAsync(host)).GetProperty("status").GetString());
    }

    private static async Task<int> AskAsync(HostFixture host)
        => (await host.CallAsync(HttpMethod.Post, "/attribution", authorization: "Bearer " + host.Clerk.MintSessionToken("user_asks", DateTimeOffset.UtcNow))).Status;

    /// <returns>Why the only part that is not healthy is not.</returns>
    private static async Task<string> DegradedAsync(HostFixture host, string part)
    {
        var health = await ReadyAsync(host);
        Assert.Equal("degraded", health.GetProperty("status").GetString());
        var wrong = Assert.Single(health.GetProperty("checks").EnumerateObject(), check => check.Value.GetProperty("status").GetString() != "healthy");
        Assert.Equal(part, wrong.Name);
        return wrong.Value.GetProperty("reason").GetString()!;
    }

    private static async Task<JsonElement> ReadyAsync(HostFixture host)
    {
        var (status, health) = await host.CallAsync(HttpMethod.Get, "/health/ready", authorization: null);
        Assert.Equal(200, status);
        return health;
    }
}
