using Dub.Clerk.Attribution;
using Dub.Clerk.Authentication;
using Dub.Clerk.SignUps;

namespace Dub.Clerk.Host.Api;

/// <summary><c>/attribution</c>: for the signed-in user, what became of the sign-up and why. The request itself brings the click, in its
/// cookie; it takes no identity from anywhere but the session token.</summary>
internal static class AttributionApi
{
    public static void MapAttribution(this IEndpointRouteBuilder endpoints)
        => endpoints.MapMethods("/attribution", [HttpMethods.Get, HttpMethods.Post], GetAsync).WithTags("Attribution").WithMetadata(ApiDocument.BySession)
            .WithSummary("What became of the signed-in user's sign-up, and why")
            .Produces<AttributionResponse>().Produces(StatusCodes.Status401Unauthorized).Produces<AttributionResponse>(StatusCodes.Status503ServiceUnavailable);

    private static async Task<IResult> GetAsync(HttpContext context, SignUpJoin signUps)
    {
        context.Response.Headers.CacheControl = "private, no-store";
        var feature = context.Features.Get<IDubClerkFeature>()!;
        if (feature.UserId is not { } userId)
        {
            return TypedResults.Challenge(authenticationSchemes: [ClerkAuthenticationDefaults.AuthenticationScheme]);
        }

        if (feature.Outcome == AttributionOutcome.AlreadyKnown)
        {
            return feature.ClickId is { } clickId
                ? Respond(new SignUpStatus(SignUpState.Tracked, NoLeadReason.None) { ClickId = clickId })
                : Respond(new SignUpStatus(SignUpState.NotAttributed, NoLeadReason.NoClick));
        }

        if (feature.Outcome == AttributionOutcome.StoreUnavailable)
        {
            context.Response.Headers.RetryAfter = "5";
            return TypedResults.Json(
                new AttributionResponse(SignUpState.Pending.Code(), "store-unavailable", "The click is kept in the browser; try again.", null, null),
                ApiJsonContext.Default.AttributionResponse, statusCode: StatusCodes.Status503ServiceUnavailable);
        }

        return Respond(feature.SignUp ?? await signUps.FindAsync(userId) ?? new SignUpStatus(SignUpState.Pending, NoLeadReason.UnknownUser));
    }

    private static IResult Respond(SignUpStatus signUp)
        => TypedResults.Json(AttributionResponse.From(signUp), ApiJsonContext.Default.AttributionResponse);
}
