using Dub.Clerk.Host.Dashboard.Numbers;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Dub.Clerk.Host.Dashboard.Parts;

/// <summary>A page on a time and perhaps a link, which stand in its address.</summary>
public abstract class PeriodPage : DashboardPage
{
    private string? _zone;

    [SupplyParameterFromQuery]
    public string? Interval { get; set; }

    [SupplyParameterFromQuery]
    public string? Start { get; set; }

    [SupplyParameterFromQuery]
    public string? End { get; set; }

    [SupplyParameterFromQuery(Name = "timezone")]
    public string? TimeZone { get; set; }

    [SupplyParameterFromQuery]
    public string? Link { get; set; }

    [Inject]
    protected IJSRuntime Browser { get; set; } = null!;

    /// <summary>What is shown, or is being read.</summary>
    protected NumbersView View { get; private set; } = new();

    /// <summary>The same, once the reader's time zone is known; null until then, when nothing should be asked for.</summary>
    protected NumbersView? KnownView => _zone is null && string.IsNullOrEmpty(TimeZone) ? null : View;

    /// <summary>What the reader asked for and cannot have; null when all is well.</summary>
    protected string? Refusal { get; set; }

    protected override async Task OnParametersSetAsync()
    {
        // Until somebody chooses, days are those of the reader's clock.
        if (string.IsNullOrEmpty(TimeZone))
        {
            _zone ??= await FindZoneAsync();
        }

        var isCustom = !string.IsNullOrEmpty(Start) || !string.IsNullOrEmpty(End);
        View = new NumbersView
        {
            Interval = isCustom ? NumbersView.Custom : Interval is { Length: > 0 } ? Interval : NumbersView.DefaultInterval,
            Start = Start,
            End = End,
            TimeZone = TimeZone is { Length: > 0 } ? TimeZone : _zone ?? NumbersView.Utc,
            Link = Link is { Length: > 0 } ? Link : null,
        };
        await ShowAsync(() => ReadAsync(View));
    }

    /// <returns>Shows what was read.</returns>
    protected abstract Task<Action> ReadAsync(NumbersView view);

    private async Task<string> FindZoneAsync()
    {
        try
        {
            return await Browser.InvokeAsync<string>("dubClerk.timeZone", Left);
        }
        catch (Exception e) when (e is JSException or JSDisconnectedException or OperationCanceledException)
        {
            return NumbersView.Utc;
        }
    }
}
