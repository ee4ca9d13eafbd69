using System.Collections.Concurrent;
using System.Diagnostics;
using Dub.Clerk.Conversions;
using Dub.Clerk.Diagnostics;
using Dub.Clerk.Outbox;
using Dub.Clerk.Store;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Tests.Deliveries;

/// <summary>Outbox work keeps the span that caused it, whatever store it waits in.</summary>
public abstract class CauseContract(StoreKind kind) : StageContract(kind)
{
    [Fact]
    public async Task Work_KeepsTheSpanThatCausedIt_AlsoAsADeadLetter()
    {
        var outbox = Stage.Host.Get<OutboxStore>();
        using var cause = new Activity("cause") { ActivityTraceFlags = ActivityTraceFlags.Recorded }.Start();
        await AddAsync(outbox, "user_1");
        cause.Stop();

        var claim = await ClaimAsync(outbox, "user_1");
        Assert.Equal(cause.Id, claim!.Cause);

        await outbox.SettleAsync(claim, OutboxVerdict.Dead("no"));
        await outbox.ReplayAsync(claim.Destination, claim.Partition, claim.Item);
        Assert.Equal(cause.Id, (await ClaimAsync(outbox, "user_1"))!.Cause);
    }

    /// <summary>Nor does work that an older version wrote have one.</summary>
    [Fact]
    public async Task WorkThatNobodyRecords_KeepsNone()
    {
        var outbox = Stage.Host.Get<OutboxStore>();
        using var unrecorded = new Activity("unrecorded").Start();
        await AddAsync(outbox, "user_2");

        Assert.Equal(string.Empty, (await ClaimAsync(outbox, "user_2"))!.Cause);
    }

    [Fact]
    public async Task SignUpOnDubsClick_IsOneTraceUntilTheLeadIsDelivered()
    {
        var (ended, trace) = (new ConcurrentQueue<Activity>(), ActivityTraceId.CreateRandom());
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Traces.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => options.TraceId == trace ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = span =>
            {
                if (span.TraceId == trace)
                {
                    ended.Enqueue(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        using (var request = new Activity("request").SetParentId(trace, ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded).Start())
        {
            await Stage.SignUpAsync("user_3");
        }

        await Stage.RunUntilEmptyAsync(TimeSpan.FromDays(1));

        Assert.Single(Stage.Dub.Leads);
        Assert.Superset(new HashSet<string> { "decide sign_up", "deliver proof", "deliver lead", "deliver metadata" }, ended.Select(span => span.DisplayName).ToHashSet());
        Assert.DoesNotContain(ended.SelectMany(span => span.Tags), tag => tag.Value?.Contains("user_3", StringComparison.Ordinal) == true);
    }

    private static Task AddAsync(OutboxStore outbox, string userId)
        => outbox.AddAsync(OutboxDestination.Clerk, userId, new OutboxItem(OutboxItem.MetadataKind, userId), MetadataDelivery.Create("AAAAAAAAAAAAAAAA"));

    private static Task<OutboxClaim?> ClaimAsync(OutboxStore outbox, string userId) => outbox.ClaimAsync(OutboxDestination.Clerk, StoreKeys.PartitionOf(userId));
}

/// <summary>On the embedded store.</summary>
public sealed class CausesOnGarnet() : CauseContract(StoreKind.Garnet);

/// <summary>On a real redis-server.</summary>
public sealed class CausesOnRedis() : CauseContract(StoreKind.Redis);

/// <summary>On a Redis Cluster.</summary>
[Collection(OnSharedCluster.Name)]
public sealed class CausesOnCluster() : CauseContract(StoreKind.Cluster);
