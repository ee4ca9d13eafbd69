using System.ComponentModel;

namespace Dub.Clerk.Host.Api;

/// <summary><c>/outbox</c>: what waits to be delivered, what was given up, and why; and what became of each customer's leads.</summary>
internal static class OutboxApi
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;
    private const string Limit = "How many, 1 to 1000; 100 when left out.";

    public static void MapOutbox(this IEndpointRouteBuilder api)
    {
        var outbox = api.MapGroup("/outbox").WithTags("Outbox");
        outbox.MapGet(string.Empty, SummarizeAsync).WithName("getOutbox").WithSummary("How much waits for each destination, and whether anything keeps it")
            .Produces<OutboxSummary[]>();
        outbox.MapGet("/{destination}/waiting", (string destination, [Description(Limit)] string? limit, OutboxDesk desk) => ListAsync(destination, limit, dead: false, desk))
            .WithName("listWaiting").WithSummary("List what waits, longest first").Produces<DeliveryResponse[]>().Produces<ErrorResponse>(StatusCodes.Status404NotFound);
        outbox.MapGet("/{destination}/dead", (string destination, [Description(Limit)] string? limit, OutboxDesk desk) => ListAsync(destination, limit, dead: true, desk))
            .WithName("listDeadLetters").WithSummary("List dead letters, latest first").Produces<DeliveryResponse[]>().Produces<ErrorResponse>(StatusCodes.Status404NotFound);
        outbox.MapPost("/{destination}/replay", ReplayAllAsync).WithName("replayDeadLetters").WithSummary("Try every dead letter again").Produces<ReplayResponse>();
        outbox.MapPost("/{destination}/{partition:int}/{item}/replay", ReplayAsync).WithName("replayDeadLetter").WithSummary("Try one item again, now")
            .Produces<ReplayResponse>().Produces<ErrorResponse>(StatusCodes.Status404NotFound);
        outbox.MapDelete("/{destination}/{partition:int}/{item}", DropAsync).WithName("dropDeadLetter").WithSummary("Give a dead letter up for good")
            .Produces<ReplayResponse>().Produces<ErrorResponse>(StatusCodes.Status404NotFound);
        outbox.MapGet("/customers/{customer}", DescribeAsync).WithName("getDeliveries")
            .WithSummary("What became of a customer's leads on their way to Dub and Clerk, attempt by attempt").Produces<DeliveryResponse[]>();
    }

    private static async Task<IResult> SummarizeAsync(OutboxDesk desk)
        => TypedResults.Json([.. await desk.SummarizeAsync()], ApiJsonContext.Default.OutboxSummaryArray);

    private static async Task<IResult> ListAsync(string destination, string? limit, bool dead, OutboxDesk desk)
    {
        if (OutboxDesk.Parse(destination) is not { } parsed)
        {
            return UnknownDestination();
        }

        var take = DefaultLimit;
        if (limit is not null && (!int.TryParse(limit, out take) || take is < 1 or > MaxLimit))
        {
            return DubErrors.Unprocessable($"too_big: limit: limit must be 1 to {MaxLimit}.");
        }

        return TypedResults.Json([.. await desk.ListAsync(parsed, dead, take)], ApiJsonContext.Default.DeliveryResponseArray);
    }

    private static async Task<IResult> ReplayAllAsync(string destination, OutboxDesk desk)
        => OutboxDesk.Parse(destination) is { } parsed ? Count(await desk.ReplayAllAsync(parsed)) : UnknownDestination();

    private static async Task<IResult> ReplayAsync(string destination, int partition, string item, OutboxDesk desk)
        => OutboxDesk.Parse(destination) is not { } parsed ? UnknownDestination() : await desk.ReplayAsync(parsed, partition, item) ? Count(1) : UnknownItem();

    private static async Task<IResult> DropAsync(string destination, int partition, string item, OutboxDesk desk)
        => OutboxDesk.Parse(destination) is not { } parsed ? UnknownDestination() : await desk.DropAsync(parsed, partition, item) ? Count(1) : UnknownItem();

    private static async Task<IResult> DescribeAsync(string customer, OutboxDesk desk)
        => TypedResults.Json([.. await desk.DescribeAsync(customer)], ApiJsonContext.Default.DeliveryResponseArray);

    private static IResult Count(int count) => TypedResults.Json(new ReplayResponse(count), ApiJsonContext.Default.ReplayResponse);

    private static IResult UnknownDestination() => DubErrors.NotFound("There is no such destination: it is dub, clerk or local.");

    private static IResult UnknownItem() => DubErrors.NotFound("There is no such item.");
}

/// <summary>The outbox to one destination.</summary>
internal sealed record OutboxSummary(
    [property: Description("dub, clerk or local.")] string Destination,
    [property: Description("Whether anybody on this store delivers to it.")] bool Served,
    [property: Description("How many customers have something waiting.")] long Waiting,
    [property: Description("Since when the one that waits longest does.")] string? OldestSince,
    [property: Description("How many dead letters there are.")] long Dead,
    [property: Description("Why this host sends nothing to it now; null while it does.")] string? ClosedBecause,
    [property: Description("Since when.")] string? ClosedSince);

/// <summary>How many items were changed.</summary>
internal sealed record ReplayResponse([property: Description("How many.")] int Count);
