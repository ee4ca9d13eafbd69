using System.ComponentModel;
using System.Text;
using System.Text.Json.Nodes;
using Dub.Clerk.Erasure;

namespace Dub.Clerk.Host.Api;

/// <summary><c>/personal-data</c>: what is held of a person, and its erasure.</summary>
internal static class PersonalDataApi
{
    private const string Id = "Your id of the person: for a sign-up the Clerk user id.";

    public static void MapPersonalData(this IEndpointRouteBuilder api)
    {
        var personal = api.MapGroup("/personal-data").WithTags("Personal data");
        personal.MapGet("/{externalId}", ExportAsync).WithName("exportPersonalData").WithSummary("Everything that is held of a person")
            .Produces<JsonObject>().Produces<ErrorResponse>(StatusCodes.Status404NotFound);
        personal.MapDelete("/{externalId}", EraseAsync).WithName("erasePersonalData")
            .WithSummary("Erase a person, here and at Dub; events stay, and are nobody's").Produces<ErasureResponse>(StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> ExportAsync([Description(Id)] string externalId, HttpContext context, PersonalData data, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        return await data.FindAsync(RouteId.Decode(externalId), cancellationToken) is { } found
            ? TypedResults.Bytes(Encoding.UTF8.GetBytes(found.ToJsonString()), "application/json; charset=utf-8")
            : DubErrors.NotFound("Nothing is known of this person.");
    }

    private static async Task<IResult> EraseAsync([Description(Id)] string externalId, PersonalData data, ErasureService erasures, CancellationToken cancellationToken)
    {
        externalId = RouteId.Decode(externalId);
        if (externalId.Any(char.IsControl))
        {
            return DubErrors.Unprocessable("An id has no control characters.");
        }

        var known = await data.FindAsync(externalId, cancellationToken) is not null;
        await erasures.BeginAsync(externalId);
        return TypedResults.Json(new ErasureResponse(known), ApiJsonContext.Default.ErasureResponse, statusCode: StatusCodes.Status202Accepted);
    }
}

/// <summary>An erasure that is durable, and made within moments.</summary>
internal sealed record ErasureResponse([property: Description("Whether anything was known of the person. Either way nothing of them is recorded for 90 days.")] bool Known);
