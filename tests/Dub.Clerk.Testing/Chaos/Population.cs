using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Host.StandIns.Clerk;

namespace Dub.Clerk.Testing.Chaos;

/// <summary>So many people who click and sign up, and for every ten of them one second account in a used browser and one customer of old who clicks.</summary>
internal sealed class Population
{
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static readonly TimeSpan SinceClick = TimeSpan.FromHours(1);
    private static readonly TimeSpan OldAge = TimeSpan.FromDays(40);

    public Population(int signUps, int seed, DateTimeOffset now)
    {
        var random = new Random(seed);
        SignUps = signUps;
        ClickedAt = now - SinceClick;
        var people = Enumerable.Range(0, signUps).Select(_ => new Person(UserId(), PersonKind.SignUp, ClickId(), now)).ToList();
        var browsers = people.Where((_, index) => index % 10 == 0).ToList();
        people.AddRange(browsers.Select(first => new Person(UserId(), PersonKind.SecondAccount, null, now, first)));
        people.AddRange(browsers.Select(_ => new Person(UserId(), PersonKind.ExistingUser, ClickId(), now - OldAge)));
        People = people;

        string UserId() => "user_" + Text(27);
        string ClickId() => Text(16);
        string Text(int length) => new(random.GetItems(Alphabet.AsSpan(), length));
    }

    public int SignUps { get; }

    public DateTimeOffset ClickedAt { get; }

    public IReadOnlyList<Person> People { get; }

    /// <summary>The clicks at Dub and the accounts at Clerk. No webhook tells of either.</summary>
    public void Settle(DubStandIn dub, ClerkServer clerk)
    {
        dub.PlantClicks(People.Select(person => person.ClickId).OfType<string>(), ClickedAt);
        foreach (var person in People)
        {
            clerk.Users.Create(person.UserId, person.CreatedAt, publicMetadata: person.Metadata);
        }
    }
}
