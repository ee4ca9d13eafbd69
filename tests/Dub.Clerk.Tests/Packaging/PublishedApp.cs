using System.Net;
using System.Net.Http.Headers;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.SignUps;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Tests.Packaging;

/// <summary>An app with the README's three lines as a process of its own, on a real redis-server: somebody who came by a link signs up there.</summary>
internal static class PublishedApp
{
    /// <summary>Fails unless the sign-up is one lead, of the click that the browser brought.</summary>
    public static async Task TakesASignUpAsync(string program, params string[] arguments)
    {
        using var clerk = new ClerkStandIn();
        await using var redis = await RedisServerFixture.StartAsync();
        await using var host = new TestHost(redis.Connection, TimeProvider.System);
        await using var app = await HostProcess.StartProgramAsync(program, arguments, new Dictionary<string, string?>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["CLERK_PUBLISHABLE_KEY"] = clerk.PublishableKey,
            ["CLERK_JWT_KEY"] = clerk.PublicKeyPem,
            ["CLERK_WEBHOOK_SIGNING_SECRET"] = clerk.WebhookSecret,
            ["ConnectionStrings__Redis"] = redis.ConfigurationOptions.ToString() + ",connectTimeout=60000",
            ["DubClerk__AuthorizedParties__0"] = "https://app.example.com",
        });
        var now = DateTimeOffset.UtcNow;
        var click = await host.ClickAsync(now.AddMinutes(-1));
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = app.Address };

        var (_, delivery) = clerk.SignDelivery(clerk.UserCreated("user_1", now), null, now);
        delivery.RequestUri = new Uri(app.Address, "/webhooks/clerk");
        using var delivered = await http.SendAsync(delivery, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, delivered.StatusCode);

        using var visit = new HttpRequestMessage(HttpMethod.Get, "/");
        visit.Headers.Authorization = new AuthenticationHeaderValue("Bearer", clerk.MintSessionToken("user_1", now));
        visit.Headers.Add("Cookie", $"dub_id={click.Id}");
        using var page = await http.SendAsync(visit, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);

        var signUp = await host.SignUps.FindAsync("user_1", TestContext.Current.CancellationToken);
        Assert.Equal((SignUpState.Tracked, click.Id), (signUp!.State, signUp.ClickId));
        Assert.DoesNotContain("fail:", app.Output, StringComparison.Ordinal);
    }
}
