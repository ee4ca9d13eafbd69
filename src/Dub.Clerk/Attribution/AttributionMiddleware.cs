using System.Security.Claims;
using Dub.Clerk.Authentication;
using Dub.Clerk.Diagnostics;
using Dub.Clerk.SignUps;
using Dub.Clerk.Store;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Dub.Clerk.Attribution;

/// <summary>Knows who is signed in, keeps a click that a visitor arrives with, and tells the sign-up of it once the visitor has an account.
/// A request without a click, or whose token names one, touches nothing but memory.</summary>
internal sealed partial class AttributionMiddleware(
    RequestDelegate next, SignUpJoin signUps, RecentSightings recent, StoreBreaker breaker, LiveOptions options,
    TimeProvider time, ILogger<AttributionMiddleware> logger)
{
    /// <summary>How long a request of the app waits for the store at the most.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public async Task InvokeAsync(HttpContext context)
    {
        var authenticated = await context.AuthenticateAsync(ClerkAuthenticationDefaults.AuthenticationScheme);
        var user = authenticated.Principal;
        if (user is not null && context.User.Identity is not { IsAuthenticated: true })
        {
            // The app's own authentication, where it has any, stays in charge.
            context.User = user;
        }

        var feature = user?.GetClerkUserId() is { } userId
            ? await AttributeAsync(context, user, userId, authenticated.Properties?.ExpiresUtc)
            : Capture(context);
        context.Features.Set<IDubClerkFeature>(feature);
        await next(context);
    }

    /// <summary>An anonymous visitor: a click in the address becomes the first-party cookie.</summary>
    private DubClerkFeature Capture(HttpContext context)
    {
        var current = options.Current;
        if (ArrivingClick(context, current) is not { } arriving)
        {
            return CookieOf(context) is { } value && ClickId.IsValid(value)
                ? new DubClerkFeature(AttributionOutcome.NotSignedIn, ClickId: value)
                : DubClerkFeature.Anonymous;
        }

        var kept = CookieOf(context);
        if (current.AttributionModel == AttributionModel.FirstClick && kept is not null && ClickId.IsValid(kept))
        {
            return new DubClerkFeature(AttributionOutcome.NotSignedIn, ClickId: kept);
        }

        if (current.HasConsent?.Invoke(context) == false)
        {
            return DubClerkFeature.Anonymous;
        }

        Keep(context, arriving, current);
        return new DubClerkFeature(AttributionOutcome.NotSignedIn, ClickId: ClickId.IsValid(arriving) ? arriving : null);
    }

    private async ValueTask<DubClerkFeature> AttributeAsync(HttpContext context, ClaimsPrincipal user, string userId, DateTimeOffset? tokenExpires)
    {
        var cookie = CookieOf(context);
        if (user.HasDubClickClaim())
        {
            if (cookie is not null)
            {
                ClickCookie.Expire(context);
            }

            return new DubClerkFeature(AttributionOutcome.AlreadyKnown, userId, user.GetDubClickId());
        }

        var current = options.Current;
        var arriving = ArrivingClick(context, current);
        var value = current.AttributionModel == AttributionModel.FirstClick && cookie is not null && ClickId.IsValid(cookie) ? cookie : arriving ?? cookie;
        if (value is null)
        {
            return new DubClerkFeature(AttributionOutcome.NoClick, userId);
        }

        var note = current.HasConsent?.Invoke(context) == false ? NoLeadReason.NoConsent
            : ClickId.IsValid(value) ? NoLeadReason.None
            : NoLeadReason.InvalidClickId;
        var clickId = note == NoLeadReason.None ? value : null;

        // The reason is part of what is remembered: somebody who agrees a moment later must not be taken for one who did not. What is no
        // click id has no length either, so it is not kept.
        var remembered = clickId ?? note.Code();
        var (outcome, signUp) = recent.Contains(userId, remembered)
            ? (AttributionOutcome.RecordedBefore, null)
            : await RecordAsync(userId, remembered, clickId, note, tokenExpires);

        if (note == NoLeadReason.NoConsent)
        {
            // What the visitor did not agree to is neither read nor written.
        }
        else if (outcome != AttributionOutcome.StoreUnavailable)
        {
            ClickCookie.Expire(context);
        }
        else if (arriving is not null && clickId == arriving)
        {
            Keep(context, arriving, current);
        }

        return new DubClerkFeature(outcome, userId, clickId, signUp);
    }

    private async Task<(AttributionOutcome Outcome, SignUpStatus? SignUp)> RecordAsync(
        string userId, string remembered, string? clickId, NoLeadReason note, DateTimeOffset? tokenExpires)
    {
        if (breaker.IsOpen)
        {
            return (AttributionOutcome.StoreUnavailable, null);
        }

        try
        {
            // Not cancelled with the request: a tab that is closed right after signing up has still brought its click.
            var recording = clickId is not null
                ? signUps.ClickSeenAsync(userId, clickId, CancellationToken.None)
                : signUps.NoClickSeenAsync(userId, note, CancellationToken.None);
            var signUp = await recording.WaitAsync(Patience, time);
            breaker.Succeeded();
            recent.Add(userId, remembered, tokenExpires ?? time.GetUtcNow().AddMinutes(1));
            return (AttributionOutcome.Recorded, signUp);
        }
        catch (Exception e)
        {
            // Whatever it is, the app's request goes on: the half is written again by the next one, or the outbox completes the join.
            if (e is not (StoreException or TimeoutException))
            {
                Log.AttributionFailed(logger, e, userId);
            }
            else if (breaker.Failed())
            {
                Log.StoreUnavailable(logger, e);
            }

            return (AttributionOutcome.StoreUnavailable, null);
        }
    }

    private static void Keep(HttpContext context, string value, DubClerkOptions current)
    {
        ClickCookie.Write(context, value, current);
        // A shared cache that stored this response would hand one visitor's click to the next.
        context.Response.OnStarting(
            static state =>
            {
                ((HttpResponse)state).Headers.CacheControl = "private, no-store";
                return Task.CompletedTask;
            },
            context.Response);
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

    private static string? CookieOf(HttpContext context) => CookieHeader.Find(context.Request.Headers.Cookie, ClickCookie.Name);

    private static partial class Log
    {
        [LoggerMessage(EventIds.AttributionStoreUnavailable, LogLevel.Error, "The store is not available. Visitors keep their click cookie, and their sign-ups are recorded when it is back.")]
        public static partial void StoreUnavailable(ILogger logger, Exception exception);

        [LoggerMessage(EventIds.AttributionFailed, LogLevel.Error, "The sign-up of {UserId} could not be recorded now and will be tried again.")]
        public static partial void AttributionFailed(ILogger logger, Exception exception, string userId);
    }
}
