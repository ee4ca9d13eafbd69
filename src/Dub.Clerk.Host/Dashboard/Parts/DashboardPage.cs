using Dub.Clerk.Host.Dashboard.Access;
using Dub.Clerk.Store;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace Dub.Clerk.Host.Dashboard.Parts;

/// <summary>What all pages do: say it when the store does not answer, and stop what they began when they are left.</summary>
public abstract class DashboardPage : ComponentBase, IDisposable
{
    private const string NotRead = "The store does not answer. What is shown may be old.";
    private const string NotDone = "The store does not answer. What was asked for was not done, or not seen to be done.";

    private readonly CancellationTokenSource _left = new();
    private int _asked;

    /// <summary>What is to be said of both.</summary>
    protected string? Fault => ActFault ?? ReadFault;

    /// <summary>Why what is shown may be old; null when it is not.</summary>
    protected string? ReadFault { get; set; }

    /// <summary>Why the last thing that was to be changed was not; reading takes nothing back of that.</summary>
    protected string? ActFault { get; set; }

    /// <summary>What was done last.</summary>
    protected string? Done { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState> Reader { get; set; } = null!;

    /// <summary>Cancelled when the page is left.</summary>
    protected CancellationToken Left => _left.Token;

    public void Dispose()
    {
        _left.Cancel();
        _left.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Changes something, for those who may. What the page does not show can still be sent by whoever speaks to its connection.</summary>
    protected async Task ActAsync(Func<Task> work)
    {
        (ActFault, Done) = (null, null);
        ActFault = Session.Of((await Reader).User) is { MayAct: true }
            ? await FaultOfAsync(work, NotDone) ?? ActFault
            : "With a read-only key you may look, and change nothing.";
    }

    /// <summary>Reads what is to be shown, and shows it at once and whole. Who has asked again meanwhile wants neither it nor its fault any more.</summary>
    protected async Task ShowAsync(Func<Task<Action>> read)
    {
        var asked = ++_asked;
        var fault = await FaultOfAsync(async () =>
        {
            var show = await read();
            if (asked == _asked)
            {
                show();
            }
        }, NotRead);
        if (asked == _asked)
        {
            ReadFault = fault;
        }
    }

    /// <summary>Reads what nobody asks for again meanwhile.</summary>
    protected async Task TryAsync(Func<Task> work) => ReadFault = await FaultOfAsync(work, NotRead);

    private async Task<string?> FaultOfAsync(Func<Task> work, string storeIsAway)
    {
        try
        {
            await work();
            return null;
        }
        catch (StoreException)
        {
            return storeIsAway;
        }
        catch (OperationCanceledException) when (_left.IsCancellationRequested)
        {
            return null;
        }
    }
}
