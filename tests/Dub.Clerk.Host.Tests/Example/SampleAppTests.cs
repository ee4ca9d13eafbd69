using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dub.Clerk.Host.Commands.Example;
using Dub.Clerk.Host.Network;
using Dub.Clerk.Host.StandIns.Clerk;
using Dub.Clerk.Testing;
using Microsoft.Playwright;

namespace Dub.Clerk.Host.Tests.Example;

/// <summary>An ASP.NET Core app with the three lines of the README, and the host beside it for its links, both on one Redis: the same visitor
/// in the same browser.</summary>
public sealed class SampleAppTests
{
    [Fact]
    public async Task VisitorOfALink_SignsUpAndIsOneLead()
    {
        Assert.SkipWhen(Chromium.MissingReason is not null, Chromium.MissingReason ?? string.Empty);
        Assert.SkipWhen(RedisServerFixture.MissingReason is not null, RedisServerFixture.MissingReason ?? string.Empty);
        var scriptsMissing = await ScriptsMissingAsync();
        Assert.SkipWhen(scriptsMissing is not null, scriptsMissing ?? string.Empty);
        var appAddress = new Uri($"http://localhost:{FreePort.Next()}");
        await using var redis = await RedisServerFixture.StartAsync();
        await using var host = await HostFixture.StartAsync(new Dictionary<string, string?> { ["ConnectionStrings:Redis"] = redis.ConfigurationOptions.ToString() });
        var options = new ClerkServerOptions { Instance = host.Clerk, ScriptsFolder = ClerkScripts.DefaultFolder, WebhookAddress = new Uri(appAddress, "/webhooks/clerk") };
        await using var clerk = await ClerkServer.StartAsync(options, TestContext.Current.CancellationToken);
        using var app = await StartAppAsync(appAddress, clerk, redis);
        try
        {
            var link = await CreateLinkAsync(host, appAddress);
            using var playwright = await Playwright.CreateAsync();
            await using var browser = await Chromium.LaunchAsync(playwright);
            var page = await browser.NewPageAsync();
            page.SetDefaultTimeout(Visitor.Patience);
            List<string> faults = [];
            page.PageError += (_, error) => faults.Add(error);
            page.Response += (_, response) => faults.AddRange(response.Status >= 400 ? [$"{response.Status} {response.Url}"] : []);

            await page.GotoAsync(link);
            var click = System.Web.HttpUtility.ParseQueryString(new Uri(page.Url).Query)["dub_id"];
            await page.GetByLabel("Email address").FillAsync("ada@example.org");
            await Visitor.SubmitPasswordAsync(page);
            await page.GetByText($"You came by the click {click}.").WaitForAsync();

            await Poll.UntilAsync(async () => (await LeadsAsync(host)).Count == 1, "the lead is in the event log");
            Assert.Equal(click, (await LeadsAsync(host))[0].GetProperty("click").GetProperty("id").GetString());
            await Poll.UntilAsync(() => (string?)clerk.Users.FindByEmail("ada@example.org")!["public_metadata"]!["dubClickId"] == click, "Clerk's user carries the click");
            Assert.DoesNotContain(await page.Context.CookiesAsync(), cookie => cookie.Name == "dub_id");
            Assert.Empty(faults);
        }
        finally
        {
            app.Kill();
            await app.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static async Task<string?> ScriptsMissingAsync()
    {
        try
        {
            await ClerkScripts.FetchAsync(ClerkScripts.DefaultFolder, CancellationToken.None);
            return null;
        }
        catch (CommandFailedException e)
        {
            return e.Message;
        }
    }

    private static async Task<Process> StartAppAsync(Uri address, ClerkServer clerk, RedisServerFixture redis)
    {
        var assembly = Path.Combine(AppContext.BaseDirectory, "Dub.Clerk.SampleApp.dll");
        var sources = Path.Combine(NextApp.Find(AppContext.BaseDirectory)!, "..", "..", "tests", "Dub.Clerk.SampleApp");
        var start = new ProcessStartInfo("dotnet", [assembly]) { WorkingDirectory = sources };
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["ASPNETCORE_URLS"] = address.ToString(),
            ["Logging__LogLevel__Default"] = "Warning",
            ["CLERK_PUBLISHABLE_KEY"] = clerk.Instance.PublishableKey,
            ["CLERK_PROXY_URL"] = clerk.Address.GetLeftPart(UriPartial.Authority),
            ["CLERK_JWT_KEY"] = clerk.Instance.PublicKeyPem,
            ["CLERK_SECRET_KEY"] = clerk.SecretKey,
            ["CLERK_API_URL"] = clerk.Address.GetLeftPart(UriPartial.Authority),
            ["CLERK_WEBHOOK_SIGNING_SECRET"] = clerk.Instance.WebhookSecret,
            ["ConnectionStrings__Redis"] = redis.ConfigurationOptions.ToString(),
            ["DubClerk__AuthorizedParties__0"] = address.GetLeftPart(UriPartial.Authority),
        })
        {
            start.Environment[name] = value;
        }

        var app = Process.Start(start)!;
        using var http = new HttpClient { BaseAddress = address };
        await Poll.UntilAsync(async () =>
        {
            Assert.False(app.HasExited, "The app has ended.");
            try
            {
                return (await http.GetAsync("/clerk.json")).IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, "the app answers");
        return app;
    }

    private static async Task<string> CreateLinkAsync(HostFixture host, Uri target)
    {
        using var response = await host.Api.PostAsJsonAsync("/links", new JsonObject { ["url"] = target.ToString(), ["domain"] = host.Origin.Host, ["key"] = "launch", ["trackConversion"] = true });
        response.EnsureSuccessStatusCode();
        return new Uri(host.Origin, "/launch").ToString();
    }

    private static async Task<List<JsonElement>> LeadsAsync(HostFixture host) =>
        [.. (await host.Api.GetFromJsonAsync<JsonElement>("/events?event=leads")).EnumerateArray()];
}
