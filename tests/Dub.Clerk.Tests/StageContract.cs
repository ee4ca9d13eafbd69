using Dub.Clerk.Testing;

namespace Dub.Clerk.Tests;

/// <summary>Tests of deliveries, whatever store they wait in.</summary>
public abstract class StageContract(StoreKind kind) : IAsyncLifetime
{
    private protected DeliveryStage Stage { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(TestStore.MissingReason(kind) is not null, TestStore.MissingReason(kind) ?? string.Empty);
        Stage = await DeliveryStage.StartAsync(kind);

        // A call that is held until the client gives up is held on the machine's clock.
        Stage.Dub.Options.HoldAtMost = TimeSpan.FromSeconds(1);
    }

    public async ValueTask DisposeAsync()
    {
        if (Stage is not null)
        {
            await Stage.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }
}
