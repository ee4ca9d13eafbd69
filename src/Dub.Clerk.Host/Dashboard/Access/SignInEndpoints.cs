using System.Security.Claims;
using Dub.Clerk.Attribution;
using Dub.Clerk.Diagnostics;
using Dub.Clerk.Host.Diagnostics;
using Dub.Clerk.Host.Network;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Dub.Clerk.Host.Dashboard.Access;

/// <summary>Signing in and out: the only pages that a stranger gets to see.</summary>
internal static partial class SignInEndpoints
{
    public static void MapDashboardAccess(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup(string.Empty).ExcludeFromDescription();
        group.MapGet(DashboardAccess.SignInPath, ShowAsync);
        group.MapPost(DashboardAccess.SignInPath, SignInAsync).RequireRateLimiting(RateLimits.SignIn);
        group.MapPost(DashboardAccess.SignOutPath, SignOutAsync).RequireAuthorization(DashboardAccess.Policy);
    }

    private static async Task<IResult> ShowAsync(HttpContext context, Sessions sessions)
    {
        ForgetClerk(context);
        var to = LocalPath(context.Request.Query[DashboardAccess.ReturnParameter]);
        var known = await context.AuthenticateAsync(DashboardAccess.Scheme);
        return known.Succeeded ? TypedResults.Redirect(to) : Page(context, sessions, to, null);
    }

    private static async Task<IResult> SignInAsync(
        HttpContext context, Sessions sessions, OneTimeCodes codes, IAntiforgery antiforgery, ILogger<Sessions> logger, CancellationToken cancellationToken)
    {
        ForgetClerk(context);
        if (!context.Request.HasFormContentType || !await antiforgery.IsRequestValidAsync(context))
        {
            return Page(context, sessions, DashboardApp.Root, "This page had been open for too long. Try again.");
        }

        var form = await context.Request.ReadFormAsync(cancellationToken);
        var (to, way) = (LocalPath(form["to"]), form["way"].ToString());
        var (session, fault) = way switch
        {
            "link" => (codes.Use(form["code"].ToString()) ? new Session(SignInWay.Link) : null,
                "That link has been used, or is older than ten minutes. Restart the host for another, or use the API key."),
            "clerk" => (AllowedUser(context, sessions) is { } user ? new Session(SignInWay.Clerk, user) : null,
                "No allowed user is signed in to your app in this browser."),
            _ => (sessions.WithKey(form["key"].ToString().Trim()), "That is not an API key of this host."),
        };
        if (session is null)
        {
            Log.Refused(logger, way is "link" or "clerk" ? way : "key");
            return Page(context, sessions, to, fault);
        }

        var (principal, until) = sessions.Begin(session);
        await context.SignInAsync(DashboardAccess.Scheme, principal, new AuthenticationProperties { IsPersistent = true, ExpiresUtc = until });
        Log.SignedIn(logger, session.Way, session.UserId is { } userId ? Pseudonym.Of(userId) : null);
        return TypedResults.Redirect(to);
    }

    private static async Task<IResult> SignOutAsync(HttpContext context, IAntiforgery antiforgery)
    {
        if (!context.Request.HasFormContentType || !await antiforgery.IsRequestValidAsync(context))
        {
            return TypedResults.Redirect(DashboardApp.Root);
        }

        await context.SignOutAsync(DashboardAccess.Scheme);
        return TypedResults.Redirect(DashboardAccess.SignInPath);
    }

    private static RazorComponentResult<SignInPage> Page(HttpContext context, Sessions sessions, string to, string? fault)
    {
        context.Response.StatusCode = fault is null ? StatusCodes.Status200OK : StatusCodes.Status403Forbidden;
        return new RazorComponentResult<SignInPage>(new Dictionary<string, object?>
        {
            [nameof(SignInPage.To)] = to,
            [nameof(SignInPage.Fault)] = fault,
            [nameof(SignInPage.ClerkUser)] = AllowedUser(context, sessions),
        });
    }

    /// <summary>The form's token names who is signed in, and Clerk's sessions last a minute at a time.</summary>
    private static void ForgetClerk(HttpContext context) => context.User = new ClaimsPrincipal();

    /// <summary>The Clerk user whose session this browser has, if it is one of those allowed and not somebody else in the user's name.</summary>
    private static string? AllowedUser(HttpContext context, Sessions sessions)
        => context.Features.Get<IDubClerkFeature>() is { UserId: { } user, Outcome: not AttributionOutcome.Impersonation } && sessions.IsAllowed(user) ? user : null;

    /// <summary>Onward to a page of the dashboard, and nowhere else.</summary>
    private static string LocalPath(string? path)
        => path is not null && (path == DashboardApp.Root || path.StartsWith(DashboardApp.Root + "/", StringComparison.Ordinal))
            && !path.Any(char.IsControl) && !path.StartsWith(DashboardAccess.SignInPath, StringComparison.Ordinal) && !LeadsUp(path)
            ? path
            : DashboardApp.Root;

    /// <summary>As browsers read it: what is encoded is a dot all the same, and a backslash a slash.</summary>
    private static bool LeadsUp(string path)
        => Uri.UnescapeDataString(path).Contains('\\', StringComparison.Ordinal)
            || Uri.UnescapeDataString(path.Split('?', '#')[0]).Split('/').Any(segment => segment is "." or "..");

    private static partial class Log
    {
        [LoggerMessage(HostEventIds.DashboardSignedIn, LogLevel.Information, "Somebody signed in to the dashboard: {Way} {UserHash}.")]
        public static partial void SignedIn(ILogger logger, SignInWay way, string? userHash);

        [LoggerMessage(HostEventIds.DashboardRefused, LogLevel.Information, "Somebody was not let into the dashboard: {Way}.")]
        public static partial void Refused(ILogger logger, string way);
    }
}
