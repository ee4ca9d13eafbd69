using Dub.Clerk.Store;
using Microsoft.AspNetCore.Components;

namespace Dub.Clerk.Host.Dashboard.Parts;

/// <summary>What all pages do: say it when the store does not answer, and stop what they began when they are left.</summary>
public abstract class DashboardPage : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _left = new();

    /// <summary>Why what is shown may be old; null when it is not.</summary>
    protected string? Fault { get; set; }

    /// <summary>What was done last.</summary>
    protected string? Done { get; set; }

    /// <summary>Cancelled when the page is left.</summary>
    protected CancellationToken Left => _left.Token;

    public void Dispose()
    {
        _left.Cancel();
        _left.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Reads or changes something.</summary>
    protected async Task TryAsync(Func<Task> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        try
        {
            await work();
            Fault = null;
        }
        catch (StoreException)
        {
            Fault = "The store does not answer. What is shown may be old; what was asked for was not done, or not seen to be done.";
        }
        catch (OperationCanceledException) when (_left.IsCancellationRequested)
        {
        }
    }
}
