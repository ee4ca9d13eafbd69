using System.Text.Json.Nodes;
using Dub.Clerk.Erasure;
using Dub.Clerk.Testing;
using StackExchange.Redis;

namespace Dub.Clerk.Host.Tests.Embedded;

/// <summary>Who was deleted at Clerk is in nothing that the host keeps.</summary>
public sealed class ErasedUserTests : IAsyncLifetime
{
    private const string User = "user_2ErasedUserOfTheHost";
    private const string Other = "user_2OtherUserOfTheHost";
    private static readonly string[] Marks = [User, "erased.user@example.org", "Erasée", "Nameson"];

    private HostFixture _host = null!;

    public async ValueTask InitializeAsync() => _host = await HostFixture.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task DeletedUser_IsInNoKey_AndAfterTheStopInNoFile()
    {
        var click = await ClickAsync();
        await DeliverAsync(_host.Clerk.UserCreated(
            User, DateTimeOffset.UtcNow, "Erasée", "Nameson", "erased.user@example.org", new JsonObject { ["dub_id"] = click }));
        await DeliverAsync(_host.Clerk.UserCreated(Other, DateTimeOffset.UtcNow));
        await Poll.UntilAsync(async () => (await _host.CallAsync(HttpMethod.Get, "/events?event=leads")).Body.GetArrayLength() == 1, "there is a lead");
        Assert.NotEmpty(FileScan.Find(_host.Folder, User));

        await DeliverAsync(_host.Clerk.Event("user.deleted", new JsonObject { ["id"] = User, ["object"] = "user", ["deleted"] = true }, DateTimeOffset.UtcNow));
        await Poll.UntilAsync(() => _host.Get<ErasureService>().IsDoneAsync(User), "the erasure is made");
        Assert.Empty(await StoreScan.FindAsync(_host.Get<IConnectionMultiplexer>(), Marks));
        Assert.True(RewriteOwed.In(_host.Folder));
        await _host.StopAsync();

        Assert.False(RewriteOwed.In(_host.Folder));
        Assert.Empty(FileScan.Find(_host.Folder, Marks));
        Assert.NotEmpty(FileScan.Find(_host.Folder, Other));
    }

    private async Task<string> ClickAsync()
    {
        await _host.CallAsync(HttpMethod.Post, "/links", """{"url":"https://example.com/","domain":"127.0.0.1","key":"launch","trackConversion":true}""");
        using var redirect = await _host.Client.GetAsync("/launch", TestContext.Current.CancellationToken);
        return redirect.Headers.Location!.Query["?dub_id=".Length..];
    }

    private async Task DeliverAsync(byte[] body)
    {
        var (_, request) = _host.Clerk.SignDelivery(body, null, DateTimeOffset.UtcNow);
        using (request)
        {
            request.RequestUri = new Uri("/webhooks/clerk", UriKind.Relative);
            using var response = await _host.Client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.True(response.IsSuccessStatusCode);
        }
    }
}
