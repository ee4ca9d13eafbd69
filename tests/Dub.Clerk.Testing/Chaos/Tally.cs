using System.Globalization;
using System.Text.Json.Nodes;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Host.StandIns.Clerk;

namespace Dub.Clerk.Testing.Chaos;

/// <summary>What Dub and Clerk have in the end, against what they should have.</summary>
/// <param name="Leads">The leads that Dub counts.</param>
/// <param name="Lost">Sign-ups that have none.</param>
/// <param name="Doubled">Leads that a customer has beyond the first.</param>
/// <param name="Wrong">Leads of people who are due none, or credited to somebody else's click.</param>
/// <param name="Mismarked">Users whose <c>dubClickId</c> says something else than they are due.</param>
/// <param name="Wiped">Users whose other public metadata is not what it was.</param>
internal sealed record Tally(int Leads, int Lost, int Doubled, int Wrong, int Mismarked, int Wiped)
{
    public const string Header = "| | leads at Dub | lost | doubled | wrongly attributed | wrong or no `dubClickId` | other metadata wiped |\n|---|---|---|---|---|---|---|";

    public bool IsExact => this is { Lost: 0, Doubled: 0, Wrong: 0, Mismarked: 0, Wiped: 0 };

    public static Tally Take(Population population, DubStandIn dub, ClerkServer clerk)
    {
        var leads = dub.Leads.ToLookup(lead => lead.CustomerExternalId, StringComparer.Ordinal);
        var (lost, mismarked, wiped) = (0, 0, 0);
        foreach (var person in population.People)
        {
            lost += person.Due is not null && !leads.Contains(person.UserId) ? 1 : 0;
            var metadata = clerk.Users.Find(person.UserId)!["public_metadata"]!.AsObject();
            mismarked += (string?)metadata["dubClickId"] != person.Due ? 1 : 0;
            metadata.Remove("dubClickId");
            wiped += JsonNode.DeepEquals(metadata, person.Metadata) ? 0 : 1;
        }

        var due = population.People.ToDictionary(person => person.UserId, person => person.Due, StringComparer.Ordinal);
        return new Tally(
            dub.Leads.Count, lost, leads.Sum(customer => customer.Count() - 1), dub.Leads.Count(lead => due.GetValueOrDefault(lead.CustomerExternalId) != lead.ClickId), mismarked, wiped);
    }

    /// <summary>A line of the table under <see cref="Header"/>.</summary>
    public string Row(string who) => string.Create(CultureInfo.InvariantCulture, $"| {who} | {Leads} | {Lost} | {Doubled} | {Wrong} | {Mismarked} | {Wiped} |");
}
