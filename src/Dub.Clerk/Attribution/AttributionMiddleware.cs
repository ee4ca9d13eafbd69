using System.Security.Claims;
using Dub.Clerk.Authentication;
using Dub.Clerk.Diagnostics;
using Dub.Clerk.SignUps;
using Dub.Clerk.Store;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features.Authentication;
using Microsoft.Extensions.Logging;

namespace Dub.Clerk.Attribution;

/// <summary>Knows who is signed in, keeps a click that a visitor arrives with, and tells the sign-up of it once the visitor has an account.
/// A request without a click, or whose token names one, touches nothing but memory.</summary>
internal sealed partial class AttributionMiddleware(
    RequestDelegate next, IAuthenticationSchemeProvider schemes, SignUpJoin signUps, RecentSightings recent, StoreBreaker breaker, LiveOptions options,
    Signs signs, TimeProvider time, ILogger<AttributionMiddleware> logger)
{
    /// <summary>How long a request of the app waits for the store at the most.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public async Task InvokeAsync(HttpContext context)
    {
        var authenticated = await context.AuthenticateAsync(ClerkAuthenticationDefaults.AuthenticationScheme);
        var user = authenticated.Principal;
        if (user is not null && !IsSomebodyElse(context.Features.Get<IHttpAuthenticationFeature>()?.User, user)
            && (await schemes.GetDefaultAuthenticateSchemeAsync())?.Name == ClerkAuthenticationDefaults.AuthenticationScheme)
        {
            // Only where ours is the app's authentication: elsewhere a customer of Clerk's must not pass for somebody the app itself signed in.
            context.User = user;
        }

        var feature = user?.GetClerkUserId() is { } userId
            ? await AttributeAsync(context, user, userId, authenticated.Properties?.ExpiresUtc)
            : Capture(context);
        context.Features.Set<IDubClerkFeature>(feature);
        await next(context);
    }

    /// <summary>Whether the app signed somebody in by itself. Asks neither a request for a user it does not have, nor our own user for its identity.</summary>
    private static bool IsSomebodyElse(ClaimsPrincipal? present, ClaimsPrincipal ours) => !ReferenceEquals(present, ours) && present?.Identity is { IsAuthenticated: true };

    /// <summary>An anonymous visitor: a click in the address becomes the first-party cookie.</summary>
    private DubClerkFeature Capture(HttpContext context)
    {
        var current = options.Current;
        var kept = ClickCookie.Read(context.Request.Headers.Cookie, current.AttributionModel);
        var keptIsClick = kept is not null && ClickId.IsValid(kept);
        var arriving = ArrivingClick(context, current);
        if (arriving is not null && !(keptIsClick && current.AttributionModel == AttributionModel.FirstClick) && current.HasConsent?.Invoke(context) != false)
        {
            ClickCookie.Write(context, arriving, current, replaces: kept is not null);
            return new DubClerkFeature(AttributionOutcome.NotSignedIn, ClickId: ClickId.IsValid(arriving) ? arriving : null);
        }

        return keptIsClick ? new DubClerkFeature(AttributionOutcome.NotSignedIn, ClickId: kept) : DubClerkFeature.Anonymous;
    }

    private async ValueTask<DubClerkFeature> AttributeAsync(HttpContext context, ClaimsPrincipal user, string userId, DateTimeOffset? tokenExpires)
    {
        if (user.IsClerkImpersonation())
        {
            // The browser is somebody else's, and so is its click.
            return new DubClerkFeature(AttributionOutcome.Impersonation, userId);
        }

        signs.SeeSession(user.HasCustomClaim());
        var current = options.Current;
        var cookie = ClickCookie.Read(context.Request.Headers.Cookie, current.AttributionModel);
        if (user.HasDubClickClaim())
        {
            if (cookie is not null)
            {
                ClickCookie.Expire(context, user.FindFirst("azp")?.Value);
            }

            return new DubClerkFeature(AttributionOutcome.AlreadyKnown, userId, user.GetDubClickId());
        }

        var arriving = ArrivingClick(context, current);
        if (Choose(arriving, cookie, current.AttributionModel) is not { } value)
        {
            return new DubClerkFeature(AttributionOutcome.NoClick, userId);
        }

        if (value == ClickId.InstallCheck)
        {
            // For the person who looks whether the cookie gets set; it says nothing of the user.
            if (arriving is not null && current.HasConsent?.Invoke(context) != false)
            {
                ClickCookie.Write(context, arriving, current, replaces: cookie is not null);
            }

            return new DubClerkFeature(AttributionOutcome.NoClick, userId);
        }

        var note = current.HasConsent?.Invoke(context) == false ? NoLeadReason.NoConsent
            : ClickId.IsValid(value) ? NoLeadReason.None
            : NoLeadReason.InvalidClickId;
        var sighting = note == NoLeadReason.None
            ? new Sighting(userId, value, cookie is not null && cookie != value && ClickId.IsValid(cookie) ? cookie : null)
            : new Sighting(userId, note);
        var (outcome, signUp) = recent.Contains(userId, sighting.Key)
            ? (AttributionOutcome.RecordedBefore, null)
            : await RecordAsync(sighting, tokenExpires);

        if (note == NoLeadReason.NoConsent)
        {
            // What the visitor did not agree to is neither read nor written.
        }
        else if (outcome != AttributionOutcome.StoreUnavailable)
        {
            ClickCookie.Expire(context, user.FindFirst("azp")?.Value);
        }
        else if (arriving is not null && sighting.ClickId == arriving)
        {
            ClickCookie.Write(context, arriving, current, replaces: cookie is not null);
        }

        return new DubClerkFeature(outcome, userId, sighting.ClickId, signUp);
    }

    /// <summary>Of the click in the address and the one in the cookie, the one that counts. What can be a click goes before what cannot.</summary>
    private static string? Choose(string? arriving, string? cookie, AttributionModel model)
    {
        var arrivingIsClick = arriving is not null && ClickId.IsValid(arriving);
        var cookieIsClick = cookie is not null && ClickId.IsValid(cookie);
        return cookieIsClick && (model == AttributionModel.FirstClick || !arrivingIsClick) ? cookie : arriving ?? cookie;
    }

    /// <summary>Makes the sighting durable, then lets it be decided. Only the first must succeed for the cookie to go: a decision that fails or
    /// takes its time is the outbox's.</summary>
    private async Task<(AttributionOutcome Outcome, SignUpStatus? SignUp)> RecordAsync(Sighting sighting, DateTimeOffset? tokenExpires)
    {
        if (breaker.IsOpen)
        {
            return (AttributionOutcome.StoreUnavailable, null);
        }

        SignUpRecord record;
        try
        {
            // Not cancelled with the request: a tab that is closed right after signing up has still brought its click.
            record = await signUps.WriteSightingAsync(sighting).WaitAsync(Patience, time);
            breaker.Succeeded();
            recent.Add(sighting.UserId, sighting.Key, tokenExpires ?? time.GetUtcNow().AddMinutes(1));
        }
        catch (Exception e) when (e is StoreException or TimeoutException)
        {
            if (breaker.Failed())
            {
                Log.StoreUnavailable(logger, e);
            }

            return (AttributionOutcome.StoreUnavailable, null);
        }

        try
        {
            return (AttributionOutcome.Recorded, await signUps.DecideAsync(sighting.UserId, record, CancellationToken.None).WaitAsync(Patience, time));
        }
        catch (Exception e)
        {
            // Also what the app's own hook throws: the request is not about that.
            Log.DecisionDelayed(logger, e, Pseudonym.Of(sighting.UserId));
            return (AttributionOutcome.Recorded, null);
        }
    }

    /// <summary>The click a visitor arrives with: only when a page is opened, so that no image or fetch can plant one.</summary>
    private static string? ArrivingClick(HttpContext context, DubClerkOptions current)
    {
        var request = context.Request;
        if (!request.QueryString.HasValue || !current.CaptureClicks || !HttpMethods.IsGet(request.Method))
        {
            return null;
        }

        return request.Query.TryGetValue(ClickCookie.Name, out var values) && values.Count == 1 && values[0] is { } value
            && ClickCookie.IsClickOrInstallCheck(value) && IsPageOpened(request.Headers)
            ? value
            : null;
    }

    private static bool IsPageOpened(IHeaderDictionary headers)
    {
        var destination = headers["Sec-Fetch-Dest"].ToString();
        if (destination.Length > 0)
        {
            var prefetched = headers["Sec-Purpose"].ToString().Contains("prefetch", StringComparison.OrdinalIgnoreCase);
            return destination == "document" && headers["Sec-Fetch-Mode"].ToString() is "navigate" or "" && !prefetched;
        }

        return headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.AttributionStoreUnavailable, LogLevel.Error, "The store is not available. Visitors keep their click cookie, and their sign-ups are recorded when it is back.")]
        public static partial void StoreUnavailable(ILogger logger, Exception exception);

        [LoggerMessage(EventIds.AttributionDelayed, LogLevel.Error, "The sign-up of {UserHash} is recorded, and could not be decided yet; that is tried again.")]
        public static partial void DecisionDelayed(ILogger logger, Exception exception, string userHash);
    }
}
