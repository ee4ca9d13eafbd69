using System.Diagnostics;
using System.Net;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Host.StandIns.Clerk;
using Dub.Clerk.Host.Tests.Dashboard;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Host.Tests.Secrets;

/// <summary>Every secret is rotated on a host that runs: the new one beside the old one, then alone.</summary>
public sealed class RotationTests
{
    private const string OldKey = HostFixture.ApiKey;
    private const string NewKey = "dub_new_0123456789abcdef";

    [Theory]
    [InlineData("DUBCLERK_API_KEY", OldKey, NewKey, "/links")]
    [InlineData("DUBCLERK_READ_API_KEY", "dub_old_read_0123456789", "dub_new_read_0123456789", "/customers")]
    [InlineData("DUBCLERK_PUBLISHABLE_KEY", "dub_pk_old", "dub_pk_new", "/track/lead/client")]
    public async Task Key_IsRotatedWithoutARestart(string name, string old, string @new, string address)
    {
        await using var host = await HostFixture.StartAsync(new Dictionary<string, string?> { [name] = old });
        Assert.Equal((true, false), (await IsGoodAsync(old), await IsGoodAsync(@new)));

        host.Reload((name, $"{@new} {old}"));
        Assert.Equal((true, true), (await IsGoodAsync(old), await IsGoodAsync(@new)));

        host.Reload((name, @new));
        Assert.Equal((false, true), (await IsGoodAsync(old), await IsGoodAsync(@new)));

        host.Reload((name, "short"));
        Assert.Equal((false, true), (await IsGoodAsync(old), await IsGoodAsync(@new)));
        Assert.Contains(host.Log.Entries, entry => entry.Message.Contains("stay in force: " + name, StringComparison.Ordinal));
        Assert.DoesNotContain(host.Log.Entries, entry => entry.Message.Contains(@new, StringComparison.Ordinal));

        async Task<bool> IsGoodAsync(string key)
        {
            var isPage = address.EndsWith("/client", StringComparison.Ordinal);
            var (status, _) = await host.CallAsync(isPage ? HttpMethod.Post : HttpMethod.Get, address, isPage ? "{}" : null, "Bearer " + key);
            return status == (isPage ? 422 : 200) || (status == 401 ? false : throw new InvalidOperationException($"{status}"));
        }
    }

    [Fact]
    public async Task DashboardSession_EndsWithItsKey()
    {
        await using var host = await HostFixture.StartAsync();
        using var browser = new FormBrowser(host.Origin);
        using var signedIn = await browser.SignInAsync(new() { ["way"] = "key", ["key"] = OldKey });
        var cookie = Assert.Single(signedIn.Headers.GetValues("Set-Cookie"), one => one.StartsWith("dubclerk_dashboard=", StringComparison.Ordinal)).Split(';')[0];
        Assert.Equal(HttpStatusCode.OK, await OpenAsync(host, cookie));

        host.Reload(("DUBCLERK_API_KEY", $"{NewKey} {OldKey}"));
        Assert.Equal(HttpStatusCode.OK, await OpenAsync(host, cookie));

        host.Reload(("DUBCLERK_API_KEY", NewKey));
        Assert.Equal(HttpStatusCode.Redirect, await OpenAsync(host, cookie));
    }

    [Fact]
    public async Task DashboardUser_IsLetInAndOutWithoutARestart()
    {
        var folder = Directory.CreateTempSubdirectory("dub-secrets-");
        try
        {
            var file = Path.Combine(folder.FullName, "DubClerk__Dashboard__Users__0");
            await File.WriteAllTextAsync(file, "user_1\n", TestContext.Current.CancellationToken);
            await using var host = await HostFixture.StartAsync(new Dictionary<string, string?> { ["DUBCLERK_SECRETS_DIR"] = folder.FullName });
            using var browser = new FormBrowser(host.Origin, host.Clerk.MintSessionToken("user_1", DateTimeOffset.UtcNow));
            var cookie = await CookieAsync(browser);
            Assert.Equal(HttpStatusCode.OK, await OpenAsync(host, cookie));

            host.Reload(("DubClerk:Dashboard:PersonalData", "everybody"));
            Assert.Contains(host.Log.Entries, entry => entry.Message.Contains("stay in force: DubClerk:Dashboard:PersonalData", StringComparison.Ordinal));
            Assert.Equal(HttpStatusCode.OK, await OpenAsync(host, cookie));
            host.Reload(("DubClerk:Dashboard:PersonalData", "nobody"));

            host.Reload(("DubClerk:Dashboard:Users:1", null));
            File.Delete(file);
            await Poll.UntilAsync(async () => await OpenAsync(host, cookie) == HttpStatusCode.Redirect, "the user is out");
            using var refused = await browser.SignInAsync(new() { ["way"] = "clerk" });
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        static async Task<string> CookieAsync(FormBrowser browser)
        {
            using var signedIn = await browser.SignInAsync(new() { ["way"] = "clerk" });
            return Assert.Single(signedIn.Headers.GetValues("Set-Cookie"), one => one.StartsWith("dubclerk_dashboard=", StringComparison.Ordinal)).Split(';')[0];
        }
    }

    [Fact]
    public async Task JwtKeyAndWebhookSecret_AreRotatedWithoutARestart()
    {
        await using var host = await HostFixture.StartAsync();
        using var next = new ClerkStandIn();
        Assert.Equal((200, 401), (await SessionAsync(host.Clerk), await SessionAsync(next)));
        Assert.Equal((200, 401), (await DeliverAsync(host.Clerk), await DeliverAsync(next)));

        host.Reload(("CLERK_JWT_KEY", $"{host.Clerk.PublicKeyPem}\n{next.PublicKeyPem}"), ("CLERK_WEBHOOK_SIGNING_SECRET", $"{next.WebhookSecret} {host.Clerk.WebhookSecret}"));
        Assert.Equal((200, 200), (await SessionAsync(host.Clerk), await SessionAsync(next)));
        Assert.Equal((200, 200), (await DeliverAsync(host.Clerk), await DeliverAsync(next)));

        host.Reload(("CLERK_JWT_KEY", next.PublicKeyPem), ("CLERK_WEBHOOK_SIGNING_SECRET", next.WebhookSecret));
        Assert.Equal((401, 200), (await SessionAsync(host.Clerk), await SessionAsync(next)));
        Assert.Equal((401, 200), (await DeliverAsync(host.Clerk), await DeliverAsync(next)));

        host.Reload(("CLERK_JWT_KEY", "no key"));
        Assert.Equal((401, 200), (await SessionAsync(host.Clerk), await SessionAsync(next)));

        async Task<int> SessionAsync(ClerkStandIn clerk)
            => (await host.CallAsync(HttpMethod.Get, "/attribution", authorization: "Bearer " + clerk.MintSessionToken("user_1", DateTimeOffset.UtcNow))).Status;

        async Task<int> DeliverAsync(ClerkStandIn clerk)
        {
            var (_, request) = clerk.SignDelivery(clerk.UserCreated("user_1", DateTimeOffset.UtcNow), null, DateTimeOffset.UtcNow);
            using (request)
            {
                request.RequestUri = new Uri(host.Origin, "/webhooks/clerk");
                using var response = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);
                return (int)response.StatusCode;
            }
        }
    }

    /// <summary>A host that started without any key delivers what waits as soon as it has one, and with the next one once the first is revoked.</summary>
    [Fact]
    public async Task KeysOfDubAndClerk_AreAddedAndRotatedWithoutARestart()
    {
        await using var dub = await DubStandIn.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var next = await DubStandIn.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var clerk = await ClerkServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var host = await HostFixture.StartAsync(new Dictionary<string, string?> { ["DUB_API_URL"] = dub.Address.ToString(), ["CLERK_API_URL"] = clerk.Address.ToString() });
        var clicks = dub.PlantClicks(2);
        next.PlantClicks(clicks);

        host.Reload(("DUB_API_KEY", dub.ApiKey), ("CLERK_SECRET_KEY", clerk.SecretKey));
        await SignUpAsync("user_1", clicks[0]);
        await Poll.UntilAsync(() => dub.Leads.Any(lead => lead.CustomerExternalId == "user_1"), "the lead is at Dub");
        await Poll.UntilAsync(() => (string?)clerk.Users.Find("user_1")!["public_metadata"]!["dubClickId"] == clicks[0], "Clerk has the click");

        host.Reload(("DUB_API_KEY", next.ApiKey), ("DUB_API_URL", next.Address.ToString()));
        await SignUpAsync("user_2", clicks[1]);
        await Poll.UntilAsync(() => next.Leads.Any(lead => lead.CustomerExternalId == "user_2"), "the lead is where the new key opens");

        async Task SignUpAsync(string user, string click)
        {
            clerk.Users.Create(user, DateTimeOffset.UtcNow);
            var metadata = new System.Text.Json.Nodes.JsonObject { ["dub_id"] = click };
            var (_, request) = host.Clerk.SignDelivery(host.Clerk.UserCreated(user, DateTimeOffset.UtcNow, unsafeMetadata: metadata), null, DateTimeOffset.UtcNow);
            using (request)
            {
                request.RequestUri = new Uri(host.Origin, "/webhooks/clerk");
                using var response = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);
                Assert.True(response.IsSuccessStatusCode);
            }
        }
    }

    /// <summary>As an orchestrator does it: what stands in the folder is a link to a folder of that moment, which is replaced as a whole.</summary>
    [Fact]
    public async Task SecretsInFiles_WinOverVariablesAndAreReadAgain()
    {
        Assert.SkipWhen(!OperatingSystem.IsLinux(), "Orchestrators mount secrets like this on Linux.");
        var folder = Directory.CreateTempSubdirectory("dub-secrets-");
        try
        {
            Mount("first", OldKey + "\n");
            File.CreateSymbolicLink(Path.Combine(folder.FullName, "DUBCLERK_API_KEY"), Path.Combine("..data", "DUBCLERK_API_KEY"));
            await using var host = await HostFixture.StartAsync(new Dictionary<string, string?> { ["DUBCLERK_SECRETS_DIR"] = folder.FullName, ["DUBCLERK_API_KEY"] = "dub_variable_0123456789" });
            Assert.Equal((200, 401), (await StatusAsync(OldKey), await StatusAsync("dub_variable_0123456789")));

            Mount("second", $"{NewKey}\n{OldKey}\n");
            await Poll.UntilAsync(async () => await StatusAsync(NewKey) == 200, "the new key is known");
            Assert.Equal(200, await StatusAsync(OldKey));

            Mount("third", NewKey);
            await Poll.UntilAsync(async () => await StatusAsync(OldKey) == 401, "the old key is gone");
            Assert.Equal(200, await StatusAsync(NewKey));

            async Task<int> StatusAsync(string key) => (await host.CallAsync(HttpMethod.Get, "/links", authorization: "Bearer " + key)).Status;
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        void Mount(string version, string key)
        {
            Directory.CreateDirectory(Path.Combine(folder.FullName, ".." + version));
            File.WriteAllText(Path.Combine(folder.FullName, ".." + version, "DUBCLERK_API_KEY"), key);
            var next = Path.Combine(folder.FullName, "..next");
            Directory.CreateSymbolicLink(next, ".." + version);

            // The one call that puts a link in the place of another, which .NET has not.
            using var move = Process.Start("mv", ["-T", next, Path.Combine(folder.FullName, "..data")]);
            move.WaitForExit();
            Assert.Equal(0, move.ExitCode);
        }
    }

    [Fact]
    public async Task FolderThatIsNotThere_StopsTheStart()
    {
        var fault = await Assert.ThrowsAsync<HostSetupException>(() => HostFixture.StartAsync(new Dictionary<string, string?> { ["DUBCLERK_SECRETS_DIR"] = "/nowhere/to/be/found" }));

        Assert.StartsWith("DUBCLERK_SECRETS_DIR is '/nowhere", Assert.Single(fault.Faults), StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> OpenAsync(HostFixture host, string cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/dashboard");
        request.Headers.Add("Cookie", cookie);
        using var response = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }
}
