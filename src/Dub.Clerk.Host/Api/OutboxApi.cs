using System.ComponentModel;
using Dub.Clerk.Conversions;
using Dub.Clerk.Outbox;
using Dub.Clerk.Store;

namespace Dub.Clerk.Host.Api;

/// <summary><c>/outbox</c>: what waits to be delivered, what was given up, and why; and what became of each customer's leads.</summary>
internal static class OutboxApi
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;
    private const string Limit = "How many, 1 to 1000; 100 when left out.";

    /// <summary>At most this many dead letters are replayed by one call.</summary>
    private const int MaxReplay = 10_000;

    public static void MapOutbox(this IEndpointRouteBuilder api)
    {
        var outbox = api.MapGroup("/outbox").WithTags("Outbox");
        outbox.MapGet(string.Empty, SummarizeAsync).WithName("getOutbox").WithSummary("How much waits for each destination, and whether anything keeps it")
            .Produces<OutboxSummary[]>();
        outbox.MapGet("/{destination}/waiting", (string destination, [Description(Limit)] string? limit, OutboxStore store) => ListAsync(destination, limit, dead: false, store))
            .WithName("listWaiting").WithSummary("List what waits, longest first").Produces<DeliveryResponse[]>().Produces<ErrorResponse>(StatusCodes.Status404NotFound);
        outbox.MapGet("/{destination}/dead", (string destination, [Description(Limit)] string? limit, OutboxStore store) => ListAsync(destination, limit, dead: true, store))
            .WithName("listDeadLetters").WithSummary("List dead letters, latest first").Produces<DeliveryResponse[]>().Produces<ErrorResponse>(StatusCodes.Status404NotFound);
        outbox.MapPost("/{destination}/replay", ReplayAllAsync).WithName("replayDeadLetters").WithSummary("Try every dead letter again").Produces<ReplayResponse>();
        outbox.MapPost("/{destination}/{partition:int}/{item}/replay", ReplayAsync).WithName("replayDeadLetter").WithSummary("Try one item again, now")
            .Produces<ReplayResponse>().Produces<ErrorResponse>(StatusCodes.Status404NotFound);
        outbox.MapDelete("/{destination}/{partition:int}/{item}", DropAsync).WithName("dropDeadLetter").WithSummary("Give a dead letter up for good")
            .Produces<ReplayResponse>().Produces<ErrorResponse>(StatusCodes.Status404NotFound);
        outbox.MapGet("/customers/{customer}", DescribeAsync).WithName("getDeliveries")
            .WithSummary("What became of a customer's leads on their way to Dub and Clerk, attempt by attempt").Produces<DeliveryResponse[]>();
    }

    private static async Task<IResult> SummarizeAsync(OutboxStore outbox, DestinationGates gates, OutboxDestinations destinations)
    {
        var summaries = await Task.WhenAll(Enum.GetValues<OutboxDestination>().Select(async destination =>
        {
            var (depth, gate) = (await outbox.MeasureAsync(destination), gates[destination]);
            return new OutboxSummary(
                Name(destination), await destinations.IsServedAsync(destination), depth.Waiting, depth.OldestSince is { } since ? DubTime.Format(since) : null, depth.Dead,
                gate.Reason, gate.ClosedSince is { } closed ? DubTime.Format(closed) : null);
        }));
        return TypedResults.Json(summaries, ApiJsonContext.Default.OutboxSummaryArray);
    }

    private static async Task<IResult> ListAsync(string destination, string? limit, bool dead, OutboxStore outbox)
    {
        if (Parse(destination) is not { } parsed)
        {
            return UnknownDestination();
        }

        var take = DefaultLimit;
        if (limit is not null && (!int.TryParse(limit, out take) || take is < 1 or > MaxLimit))
        {
            return DubErrors.Unprocessable($"too_big: limit: limit must be 1 to {MaxLimit}.");
        }

        var entries = await outbox.ListAsync(parsed, dead, take);
        return TypedResults.Json([.. entries.Select(DeliveryResponse.From)], ApiJsonContext.Default.DeliveryResponseArray);
    }

    private static async Task<IResult> ReplayAllAsync(string destination, OutboxStore outbox)
    {
        if (Parse(destination) is not { } parsed)
        {
            return UnknownDestination();
        }

        var replayed = 0;
        foreach (var entry in await outbox.ListAsync(parsed, dead: true, MaxReplay))
        {
            replayed += await outbox.ReplayAsync(parsed, entry.Partition, entry.Item) ? 1 : 0;
        }

        return Count(replayed);
    }

    private static async Task<IResult> ReplayAsync(string destination, int partition, string item, OutboxStore outbox)
    {
        if (Parse(destination) is not { } parsed)
        {
            return UnknownDestination();
        }

        return IsPartition(partition) && await outbox.ReplayAsync(parsed, partition, OutboxItem.Parse(item)) ? Count(1) : UnknownItem();
    }

    private static async Task<IResult> DropAsync(string destination, int partition, string item, OutboxStore outbox)
    {
        if (Parse(destination) is not { } parsed)
        {
            return UnknownDestination();
        }

        return IsPartition(partition) && await outbox.FindAsync(parsed, partition, OutboxItem.Parse(item)) is { State: OutboxEntryState.Dead } entry
            && await outbox.DropAsync(parsed, partition, entry.Item, entry.Json)
            ? Count(1)
            : UnknownItem();
    }

    private static async Task<IResult> DescribeAsync(string customer, ConversionTracker conversions, OutboxStore outbox)
    {
        var partition = StoreKeys.PartitionOf(customer);
        var items = (await conversions.ListLeadIdsAsync(customer)).Select(lead => (OutboxDestination.Dub, new OutboxItem(OutboxItem.LeadKind, lead)))
            .Append((OutboxDestination.Clerk, new OutboxItem(OutboxItem.MetadataKind, customer)));
        var entries = await Task.WhenAll(items.Select(item => outbox.FindAsync(item.Item1, partition, item.Item2)));
        return TypedResults.Json([.. entries.OfType<OutboxEntry>().Select(DeliveryResponse.From)], ApiJsonContext.Default.DeliveryResponseArray);
    }

    private static string Name(OutboxDestination destination) => destination.ToString().ToLowerInvariant();

    private static OutboxDestination? Parse(string name)
        => Enum.GetValues<OutboxDestination>().Where(destination => Name(destination) == name).Select(destination => (OutboxDestination?)destination).FirstOrDefault();

    private static bool IsPartition(int partition) => partition is >= 0 and < StoreKeys.Partitions;

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
