using System.ComponentModel;
using System.Globalization;
using Dub.Clerk.Host.Reconciliation;
using Dub.Clerk.Outbox;
using Dub.Clerk.Store;

namespace Dub.Clerk.Host.Api;

/// <summary><c>POST /reconcile</c>: compares Clerk's users of a period with our ledger and Dub's leads; mends what differs when told to.</summary>
internal static class ReconcileApi
{
    /// <summary>How many differences are listed; all are counted.</summary>
    private const int MaxListed = 1000;

    /// <summary>The period when none is given.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromDays(7);

    public static void MapReconcile(this IEndpointRouteBuilder api)
        => api.MapPost("/reconcile", ReconcileAsync).WithTags("Outbox").WithName("reconcile")
            .WithSummary("Compare Clerk's users of a period with our leads and Dub's")
            .WithDescription("Changes nothing unless repair is true. Needs CLERK_SECRET_KEY; without DUB_API_KEY Dub is left out. Takes as long as Clerk and Dub take to list what they have.")
            .Produces<ReconcileResponse>().Produces<ErrorResponse>(StatusCodes.Status422UnprocessableEntity).Produces<ErrorResponse>(StatusCodes.Status503ServiceUnavailable);

    private static async Task<IResult> ReconcileAsync(
        Reconciler reconciler, OutboxDestinations destinations, TimeProvider time,
        [Description("Accounts created from then on, ISO 8601. Default seven days ago.")] string? from,
        [Description("Accounts created before then, ISO 8601. Default now.")] string? to,
        [Description("Whether to mend what differs.")][DefaultValue("false")] string? repair,
        CancellationToken cancellationToken)
    {
        if (!destinations.IsServedHere(OutboxDestination.Clerk))
        {
            return DubErrors.Unprocessable("CLERK_SECRET_KEY is not set here, so Clerk cannot be asked for its users.");
        }

        if (!TryRead(from, time.GetUtcNow() - Period, out var start) || !TryRead(to, time.GetUtcNow(), out var end) || start >= end)
        {
            return DubErrors.Unprocessable("from and to must be times such as 2026-11-01 or 2026-11-01T12:00:00Z, from before to.");
        }

        if (repair is not (null or "true" or "false"))
        {
            return DubErrors.Unprocessable("invalid_value: repair: Invalid option: expected one of \"true\"|\"false\"");
        }

        try
        {
            var result = await reconciler.RunAsync(start, end, repair == "true", cancellationToken);
            return TypedResults.Json(ReconcileResponse.From(result, MaxListed), ApiJsonContext.Default.ReconcileResponse);
        }
        catch (ReconciliationException e)
        {
            return DubErrors.Unavailable(e.Message);
        }
    }

    private static bool TryRead(string? text, DateTimeOffset fallback, out DateTimeOffset time)
    {
        time = fallback;
        return text is null || DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
    }
}

/// <summary>What a reconciliation found.</summary>
internal sealed record ReconcileResponse(
    [property: Description("How many accounts of Clerk's were looked at.")] int Accounts,
    [property: Description("How many of them are leads here.")] int Leads,
    [property: Description("How many of those are on their way to Dub.")] int OnTheirWay,
    [property: Description("How many differ, by kind: webhook-missing, metadata-missing, not-sent, given-up, lost-at-dub, only-at-dub.")] IReadOnlyDictionary<string, int> Counts,
    [property: Description("What differs, the first thousand.")] IReadOnlyList<DifferenceResponse> Differences)
{
    public static ReconcileResponse From(ReconciliationResult result, int most) => new(
        result.Accounts, result.Leads, result.OnTheirWay,
        result.Differences.CountBy(difference => Name(difference.Kind)).ToDictionary(),
        [.. result.Differences.Take(most).Select(difference => new DifferenceResponse(difference.UserId, Name(difference.Kind), difference.Repaired))]);

    private static string Name(DifferenceKind kind) => kind switch
    {
        DifferenceKind.WebhookMissing => "webhook-missing",
        DifferenceKind.MetadataMissing => "metadata-missing",
        DifferenceKind.NotSent => "not-sent",
        DifferenceKind.GivenUp => "given-up",
        DifferenceKind.LostAtDub => "lost-at-dub",
        _ => "only-at-dub",
    };
}

/// <summary>Something that is not as it should be.</summary>
internal sealed record DifferenceResponse(
    [property: Description("The Clerk user.")] string Customer,
    [property: Description("As in the counts.")] string Kind,
    [property: Description("Whether it was mended, or its repair begun.")] bool Repaired);
