using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Outbox;
using Dub.Clerk.Store;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Tests.Deliveries;

/// <summary>A host that is stopped in the middle of a delivery.</summary>
public sealed class ShutdownTests
{
    [Fact]
    public async Task StoppedHost_HandsItsLeaseBack()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var stage = await DeliveryStage.StartAsync(StoreKind.Garnet);
        stage.Dub.Faults.Script("/track/lead", FaultKind.TimeoutBefore);
        await stage.Host.Outbox.StartAsync(cancellationToken);
        await stage.SignUpAsync("user_1");
        await Poll.UntilAsync(() => stage.Dub.Calls.Total == 1, "the call is made");

        await stage.Host.Outbox.StopAsync(cancellationToken);

        // At once, not when the lease would have ended: the clock stands still.
        var claim = await stage.Host.Get<OutboxStore>().ClaimAsync(OutboxDestination.Dub, StoreKeys.PartitionOf("user_1"));
        Assert.NotNull(claim);
        Assert.Equal(1, claim.Attempt);
    }
}
