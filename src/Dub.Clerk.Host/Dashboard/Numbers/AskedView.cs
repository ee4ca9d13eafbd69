namespace Dub.Clerk.Host.Dashboard.Numbers;

/// <summary>What a form asks for. The page's address follows it only after a moment, through the reader's browser, and somebody may change another field
/// before: what they have changed must not go back to what the address says meanwhile.</summary>
internal sealed class AskedView
{
    /// <summary>Asked for, and not yet the page's address, oldest first.</summary>
    private readonly List<string> _underWay = [];
    private NumbersView? _given;

    public NumbersView View { get; private set; } = new();

    public void Ask(NumbersView view)
    {
        View = view;
        if (_underWay.Count > 0 || view.ToQuery() != _given?.ToQuery())
        {
            _underWay.Add(view.ToQuery());
        }
    }

    /// <summary>The page's address says this now.</summary>
    public void Give(NumbersView view)
    {
        if (view == _given)
        {
            return;
        }

        _given = view;
        if (_underWay.IndexOf(view.ToQuery()) is >= 0 and var at)
        {
            _underWay.RemoveRange(0, at + 1);
        }
        else
        {
            // Somebody went elsewhere: back, or to a bookmark.
            _underWay.Clear();
        }

        if (_underWay.Count == 0)
        {
            View = view;
        }
    }
}
