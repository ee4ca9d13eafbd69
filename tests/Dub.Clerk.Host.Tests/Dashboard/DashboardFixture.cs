using System.Text.Json.Nodes;
using Dub.Clerk.Conversions;
using Dub.Clerk.Host.Dashboard;
using Dub.Clerk.Host.Dashboard.Access;
using Dub.Clerk.Host.Tests.Example;
using Dub.Clerk.Outbox;
using Dub.Clerk.Store;
using Dub.Clerk.Testing;
using Microsoft.Playwright;

namespace Dub.Clerk.Host.Tests.Dashboard;

/// <summary>Those who share one: a browser at a time.</summary>
[CollectionDefinition(Name)]
public sealed class SharedDashboard : ICollectionFixture<DashboardFixture>
{
    public const string Name = "dashboard";
}

/// <summary>Those who look at every page, beside the others.</summary>
[CollectionDefinition(Name)]
public sealed class LookedAtDashboard : ICollectionFixture<DashboardFixture>
{
    public const string Name = "dashboard looked at";
}

/// <summary>A host with something to show, and a browser to look at it.</summary>
public sealed class DashboardFixture : IAsyncLifetime
{
    internal const string AllowedUser = "user_allowed";

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    internal HostFixture Host { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Host = await HostFixture.StartAsync(new Dictionary<string, string?> { ["DubClerk:Dashboard:Users:0"] = AllowedUser });
        if (Chromium.MissingReason is null)
        {
            _playwright = await Playwright.CreateAsync();
            _browser = await Chromium.LaunchAsync(_playwright);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        await Host.DisposeAsync();
    }

    /// <summary>A link that signs in once.</summary>
    internal string NewLink(HostFixture? host = null)
        => $"{new Uri((host ?? Host).Origin, DashboardAccess.SignInPath)}#code={(host ?? Host).Get<OneTimeCodes>().Create()}";

    /// <summary>Somebody with a browser who has signed in nowhere.</summary>
    internal async Task<Reader> NewReaderAsync(bool phone = false, HostFixture? host = null, Uri? origin = null)
    {
        Assert.SkipWhen(Chromium.MissingReason is not null, Chromium.MissingReason ?? string.Empty);
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = phone ? new ViewportSize { Width = 390, Height = 844 } : new ViewportSize { Width = 1280, Height = 800 },
            DeviceScaleFactor = phone ? 2 : 1,
            HasTouch = phone,
            IsMobile = phone,
            ColorScheme = ColorScheme.Light,
            Locale = "en-US",
            Permissions = ["clipboard-read", "clipboard-write"],
        });
        return await Reader.StartAsync(context, origin ?? (host ?? Host).Origin);
    }

    /// <summary>Somebody who has signed in.</summary>
    internal async Task<Reader> OpenAsync(string path, bool phone = false, HostFixture? host = null)
    {
        var reader = await NewReaderAsync(phone, host);
        await reader.Page.GotoAsync(NewLink(host));
        await reader.Page.WaitForURLAsync("**" + DashboardApp.Root);
        await reader.OpenAsync(path);
        return reader;
    }

    /// <summary>A link on the host's own address.</summary>
    internal async Task<(string Id, string Name)> CreateLinkAsync(string key)
    {
        var link = new JsonObject { ["url"] = "https://example.com/pricing?plan=pro", ["domain"] = "127.0.0.1", ["key"] = key, ["trackConversion"] = true };
        var (status, created) = await Host.CallAsync(HttpMethod.Post, "/links", link.ToJsonString());
        Assert.True(status == 200, created.ToString());
        return (created.GetProperty("id").GetString()!, $"127.0.0.1/{key}");
    }

    /// <summary>Somebody follows the link, and is given a click.</summary>
    internal async Task<string> FollowAsync(string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/" + key);
        request.Headers.UserAgent.ParseAdd($"Mozilla/5.0 ({Guid.NewGuid():N})");
        using var response = await Host.Client.SendAsync(request);
        return System.Web.HttpUtility.ParseQueryString(response.Headers.Location!.Query)["dub_id"]!;
    }

    /// <summary>Clerk tells of an account.</summary>
    internal async Task SignUpAsync(string userId, string? clickId = null, DateTimeOffset? createdAt = null)
    {
        var metadata = clickId is null ? null : new JsonObject { ["dub_id"] = clickId };
        var (_, request) = Host.Clerk.SignDelivery(Host.Clerk.UserCreated(userId, createdAt ?? DateTimeOffset.UtcNow, unsafeMetadata: metadata), null, DateTimeOffset.UtcNow);
        using (request)
        {
            request.RequestUri = new Uri(Host.Origin, "/webhooks/clerk");
            using var response = await Host.Client.SendAsync(request);
            Assert.True(response.IsSuccessStatusCode);
        }
    }

    /// <summary>A dead letter to Clerk, where this host delivers nothing.</summary>
    internal async Task GiveUpAsync(string userId, string error = "500", HostFixture? host = null)
    {
        var outbox = (host ?? Host).Get<OutboxStore>();
        await outbox.AddAsync(OutboxDestination.Clerk, userId, new OutboxItem(OutboxItem.MetadataKind, userId), MetadataDelivery.Create("AAAAAAAAAAAAAAAA"));
        var claim = await outbox.ClaimAsync(OutboxDestination.Clerk, StoreKeys.PartitionOf(userId));
        Assert.True(await outbox.SettleAsync(claim!, OutboxVerdict.Dead(error)));
    }
}
