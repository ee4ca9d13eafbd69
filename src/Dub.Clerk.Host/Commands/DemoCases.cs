using System.Net;
using Dub.Clerk.Host.StandIns;

namespace Dub.Clerk.Host.Commands;

/// <summary>The demo's visitors, each of whom must come out in one way only.</summary>
internal static class DemoCases
{
    private const string Tracked = "tracked";
    private const string NotAttributed = "not-attributed";
    private const string Pending = "pending";

    public static async Task<IReadOnlyList<DemoResult>> PlayAsync(DemoStage stage)
    {
        using var family = stage.NewBrowser();
        using var stranger = new ClerkStandIn();
        return
        [
            await PlayAsync(stage, "Signs up; Clerk's webhook comes first", Tracked, null, async user =>
            {
                await family.FollowAsync(stage.ShortLink);
                await stage.DeliverAsync(stage.Clerk, user);
                await AskSignedInAsync(stage, family, user);
                return null;
            }),
            await PlayAsync(stage, "A second account in that same browser", Pending, "no-click", async user =>
            {
                var left = family.ClickCookie;
                await stage.DeliverAsync(stage.Clerk, user);
                await AskSignedInAsync(stage, family, user);
                return left is null ? null : "the first account's cookie was still there";
            }),
            await PlayAsync(stage, "Signs up; the browser's request comes first", Tracked, null, async user =>
            {
                using var browser = stage.NewBrowser();
                await browser.FollowAsync(stage.ShortLink);
                await AskSignedInAsync(stage, browser, user);
                await stage.DeliverAsync(stage.Clerk, user);
                return null;
            }),
            await PlayAsync(stage, "Closes the tab; the click is in unsafe_metadata", Tracked, null, async user =>
            {
                using var browser = stage.NewBrowser();
                var click = await browser.FollowAsync(stage.ShortLink);
                await stage.DeliverAsync(stage.Clerk, user, metadataClickId: click);
                return null;
            }),
            await PlayAsync(stage, "Signs up; the webhook is delivered twice", Tracked, null, async user =>
            {
                using var browser = stage.NewBrowser();
                await browser.FollowAsync(stage.ShortLink);
                var (delivery, _) = await stage.DeliverAsync(stage.Clerk, user);
                await AskSignedInAsync(stage, browser, user);
                await stage.DeliverAsync(stage.Clerk, user, deliveryId: delivery);
                return null;
            }),
            await PlayAsync(stage, "A user of 40 days clicks and signs in", NotAttributed, "existing-user", async user =>
            {
                await stage.DeliverAsync(stage.Clerk, user, createdAt: DateTimeOffset.UtcNow.AddDays(-40));
                using var browser = stage.NewBrowser();
                await browser.FollowAsync(stage.ShortLink);
                await AskSignedInAsync(stage, browser, user);
                return null;
            }),
            await PlayAsync(stage, "Signs up, and clicks ten minutes later", NotAttributed, "click-after-sign-up", async user =>
            {
                await stage.DeliverAsync(stage.Clerk, user, createdAt: DateTimeOffset.UtcNow.AddMinutes(-10));
                using var browser = stage.NewBrowser();
                await browser.FollowAsync(stage.ShortLink);
                await AskSignedInAsync(stage, browser, user);
                return null;
            }),
            await PlayAsync(stage, "Comes with a cookie that is no click id", NotAttributed, "invalid-click-id", async user =>
            {
                using var browser = stage.NewBrowser();
                browser.PlantCookie("junk");
                await stage.DeliverAsync(stage.Clerk, user);
                await AskSignedInAsync(stage, browser, user);
                return null;
            }),
            await PlayAsync(stage, "Comes with a click id nobody recorded", NotAttributed, "unknown-click", async user =>
            {
                using var browser = stage.NewBrowser();
                browser.PlantCookie("AAAAAAAAAAAAAAAA");
                await stage.DeliverAsync(stage.Clerk, user);
                await AskSignedInAsync(stage, browser, user);
                return null;
            }),
            await PlayAsync(stage, "A forged webhook, with a real click", Pending, "unknown-user", isSignUp: false, play: async user =>
            {
                using var browser = stage.NewBrowser();
                var click = await browser.FollowAsync(stage.ShortLink);
                var (_, status) = await stage.DeliverAsync(stranger, user, metadataClickId: click);
                return status == HttpStatusCode.Unauthorized ? null : $"the webhook was answered with {(int)status}";
            }),
            await PlayAsync(stage, "A forged session token, with a real click", Pending, "unknown-user", isSignUp: false, play: async user =>
            {
                using var browser = stage.NewBrowser();
                await browser.FollowAsync(stage.ShortLink);
                browser.SignIn(stage.MintToken(stranger, user));
                var status = await browser.AskAsync();
                return status == HttpStatusCode.Unauthorized ? null : $"the request was answered with {(int)status}";
            }),
        ];
    }

    private static async Task AskSignedInAsync(DemoStage stage, Browser browser, string userId)
    {
        browser.SignIn(stage.MintToken(stage.Clerk, userId));
        await browser.AskAsync();
    }

    /// <param name="stage">The demo.</param>
    /// <param name="who">What happens, for the table.</param>
    /// <param name="state">What must become of it.</param>
    /// <param name="reason">And why.</param>
    /// <param name="play">Plays it; answers with what went wrong on the way, if anything.</param>
    /// <param name="isSignUp">Whether somebody really signs up in it.</param>
    private static async Task<DemoResult> PlayAsync(
        DemoStage stage, string who, string state, string? reason, Func<string, Task<string?>> play, bool isSignUp = true)
    {
        var userId = ClerkStandIn.NewId("user");
        var fault = await play(userId);
        var became = await stage.AttributionAsync(userId);
        var leads = (await stage.LeadsAsync()).GetValueOrDefault(userId);
        fault ??= (became.State, became.Reason) != (state, reason) ? $"expected {state} {reason}"
            : leads != (state == Tracked ? 1 : 0) ? $"{leads} leads"
            : null;
        return new DemoResult(who, became.State, became.Reason, leads, isSignUp, fault);
    }
}
