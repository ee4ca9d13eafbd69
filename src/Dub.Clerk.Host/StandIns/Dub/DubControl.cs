namespace Dub.Clerk.Host.StandIns;

/// <summary>What Dub has no door for: planting clicks and starting over.</summary>
internal sealed class DubControl(
    DubWorkspace workspace, DubCalls calls, FaultPlan faults, DubGate gate, DubBackground background, DubClicks clicks, DubTrackSale sales)
{
    /// <summary>Makes clicks that Dub knows, on a link of its own. No webhook tells of them.</summary>
    /// <returns>Their ids.</returns>
    public IReadOnlyList<string> PlantClicks(IEnumerable<string> ids, DateTimeOffset? at)
    {
        lock (workspace.Gate)
        {
            var link = workspace.FindLink(DubLinks.DefaultDomain, "planted")
                ?? workspace.AddLink(DubLinks.DefaultDomain, "planted", "https://example.com/", trackConversion: true);
            var planted = ids.ToList();
            planted.ForEach(id => workspace.AddClick(new DubClick(id, at ?? workspace.Now, link)));
            return planted;
        }
    }

    public void Reset()
    {
        background.Forget();
        faults.Reset();
        calls.Reset();
        gate.Reset();
        lock (workspace.Gate)
        {
            workspace.Clear();
            clicks.Clear();
            sales.Clear();
        }
    }
}
