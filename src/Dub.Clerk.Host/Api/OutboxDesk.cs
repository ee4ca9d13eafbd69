using Dub.Clerk.Conversions;
using Dub.Clerk.Outbox;
using Dub.Clerk.SignUps;
using Dub.Clerk.Store;

namespace Dub.Clerk.Host.Api;

/// <summary>The outbox as people see and handle it: over the API, by command, on the dashboard.</summary>
internal sealed class OutboxDesk(
    OutboxStore outbox, DestinationGates gates, OutboxDestinations destinations, ConversionTracker conversions, CustomerStore customers, SignUpJoin signUps,
    IEnumerable<IErasureListener> listeners)
{
    /// <summary>At most this many dead letters are replayed at once.</summary>
    private const int MaxReplay = 10_000;

    public static string Name(OutboxDestination destination) => destination.ToString().ToLowerInvariant();

    /// <summary>The destination of that name; null where there is none.</summary>
    public static OutboxDestination? Parse(string name)
        => Enum.GetValues<OutboxDestination>().Where(destination => Name(destination) == name).Select(destination => (OutboxDestination?)destination).FirstOrDefault();

    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<IReadOnlyList<OutboxSummary>> SummarizeAsync() => await Task.WhenAll(Enum.GetValues<OutboxDestination>().Select(async destination =>
    {
        var (depth, gate) = (await outbox.MeasureAsync(destination), gates[destination]);
        return new OutboxSummary(
            Name(destination), await destinations.IsServedAsync(destination), depth.Waiting, DubTime.Format(depth.OldestSince), depth.Dead, gate.Reason,
            DubTime.Format(gate.ClosedSince));
    }));

    /// <summary>What waits, longest first; or what was given up, latest first.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<IReadOnlyList<DeliveryResponse>> ListAsync(OutboxDestination destination, bool dead, int take)
        => [.. (await outbox.ListAsync(destination, dead, take)).Select(DeliveryResponse.From)];

    /// <returns>How many.</returns>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<int> ReplayAllAsync(OutboxDestination destination)
    {
        var replayed = 0;
        foreach (var entry in await outbox.ListAsync(destination, dead: true, MaxReplay))
        {
            replayed += await outbox.ReplayAsync(destination, entry.Partition, entry.Item) ? 1 : 0;
        }

        return replayed;
    }

    /// <returns>False when there is no such item.</returns>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<bool> ReplayAsync(OutboxDestination destination, int partition, string item)
        => IsPartition(partition) && await outbox.ReplayAsync(destination, partition, OutboxItem.Parse(item));

    /// <returns>False when it is no dead letter.</returns>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<bool> DropAsync(OutboxDestination destination, int partition, string item)
    {
        if (!IsPartition(partition) || await outbox.FindAsync(destination, partition, OutboxItem.Parse(item)) is not { State: OutboxEntryState.Dead } entry)
        {
            return false;
        }

        if (entry.Item.Kind == OutboxItem.ForgetKind)
        {
            // It is the last that names somebody who was erased.
            await listeners.TellAsync(CancellationToken.None);
        }

        return await outbox.DropAsync(destination, partition, entry.Item, entry.Json);
    }

    /// <summary>What became of a customer's leads, and of what the sign-up asked of Dub and Clerk; and of the sales those that wait or were given up, because
    /// nothing lists the others by customer.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<IReadOnlyList<DeliveryResponse>> DescribeAsync(string customer)
    {
        var (home, _) = await customers.ResolveAsync(customer);
        var signUp = await signUps.ReadRecordAsync(customer);
        var entries = await Task.WhenAll(
        [
            .. (signUp?.Clicks ?? []).Select(click => FindAsync(OutboxDestination.Dub, customer, OutboxItem.ProofKind, $"{customer}/{click}")),
            .. (await conversions.ListLeadIdsAsync(home)).Select(lead => FindAsync(OutboxDestination.Dub, home, OutboxItem.LeadKind, lead)),
            .. (await outbox.ListLaneAsync(OutboxDestination.Dub, home)).Where(item => item.Kind == OutboxItem.SaleKind).Select(sale => FindAsync(OutboxDestination.Dub, home, sale.Kind, sale.Subject)),
            FindAsync(OutboxDestination.Clerk, customer, OutboxItem.AccountKind, customer),
            FindAsync(OutboxDestination.Clerk, customer, OutboxItem.MetadataKind, customer),
            FindAsync(OutboxDestination.Local, customer, OutboxItem.SignUpKind, customer),
        ]);
        return [.. entries.OfType<OutboxEntry>().Select(DeliveryResponse.From)];
    }

    private Task<OutboxEntry?> FindAsync(OutboxDestination destination, string owner, string kind, string subject)
        => outbox.FindAsync(destination, StoreKeys.PartitionOf(owner), new OutboxItem(kind, subject));

    private static bool IsPartition(int partition) => partition is >= 0 and < StoreKeys.Partitions;
}
