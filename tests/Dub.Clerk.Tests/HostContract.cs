using Dub.Clerk.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Dub.Clerk.Tests;

/// <summary>Tests of a host and its store, whatever store that is.</summary>
public abstract class HostContract(StoreKind kind) : IAsyncLifetime
{
    private protected FakeTimeProvider Time { get; } = new(TestHost.Start);

    private protected TestStore Store { get; private set; } = null!;

    private protected TestHost Host { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(TestStore.MissingReason(kind) is not null, TestStore.MissingReason(kind) ?? string.Empty);
        Store = await TestStore.StartAsync(kind);
        Host = new TestHost(Store.Connection, Time, configure: Configure);
        await BeginAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (Host is not null)
        {
            await Host.DisposeAsync();
            await Store.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    private protected virtual void Configure(DubClerkOptions options)
    {
    }

    /// <summary>What every test of the class begins with.</summary>
    private protected virtual Task BeginAsync() => Task.CompletedTask;
}
