using Microsoft.AspNetCore.Authentication;

namespace Dub.Clerk.Authentication;

/// <summary>Session tokens that were verified a moment ago. A client sends one for about 50 seconds, so most requests bring a token that has been
/// seen.</summary>
/// <remarks>The key is the whole text, and only what passed every rule gets in: tokens made up by a stranger neither push others out nor take
/// memory. A fixed table of small sets, without locks: writers of one place overwrite each other, which costs a verification and no more.</remarks>
internal sealed class VerifiedTokens
{
    /// <summary>How many places a text may be in.</summary>
    private const int Ways = 4;

    /// <summary>No browser keeps a longer cookie, so what is longer is rare, and would make the table's memory hard to foretell.</summary>
    private const int MaxTextLength = 4096;

    private readonly Entry?[] _entries;

    /// <param name="capacity">How many tokens at the most, rounded up to a power of two; 0 remembers none.</param>
    public VerifiedTokens(int capacity) => _entries = capacity == 0 ? [] : new Entry?[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(capacity, Ways))];

    /// <summary>The token with this text, valid or not any more; null when it is not remembered.</summary>
    public Entry? Find(ReadOnlySpan<char> text)
    {
        if (_entries.Length == 0 || text.Length > MaxTextLength)
        {
            return null;
        }

        foreach (ref var place in PlacesOf(text))
        {
            if (Volatile.Read(ref place) is { } entry && text.SequenceEqual(entry.Text))
            {
                return entry;
            }
        }

        return null;
    }

    /// <summary>Remembers a token, where its places are taken in the place of the one that expires first.</summary>
    public void Add(Entry entry)
    {
        if (_entries.Length == 0 || entry.Text.Length > MaxTextLength)
        {
            return;
        }

        var places = PlacesOf(entry.Text);
        var (chosen, first) = (0, long.MaxValue);
        for (var i = 0; i < places.Length; i++)
        {
            var other = Volatile.Read(ref places[i]);
            var expiresAt = other is null || other.Text == entry.Text ? long.MinValue : other.Token.Times.ExpiresAt;
            (chosen, first) = expiresAt < first ? (i, expiresAt) : (chosen, first);
        }

        Volatile.Write(ref places[chosen], entry);
    }

    /// <summary>By the end of the signature, which nobody chooses, and by a seed of this process: no guess at a text gets as far as being compared.</summary>
    private Span<Entry?> PlacesOf(ReadOnlySpan<char> text)
        => _entries.AsSpan((string.GetHashCode(text[^Math.Min(32, text.Length)..]) & (_entries.Length - 1)) / Ways * Ways, Ways);

    /// <param name="Text">The token as it was sent.</param>
    /// <param name="Token">What it says.</param>
    /// <param name="Keys">The keys that it was checked with: others decide anew.</param>
    internal sealed record Entry(string Text, ClerkSessionToken Token, SessionKeySet Keys)
    {
        private SortedList<string, string?>? _properties;

        /// <summary>What JwtBearer notes beside a principal. A new one each time, because requests may change it, and in sorted lists: four entries take
        /// half the memory that they would in a dictionary.</summary>
        /// <param name="saveToken"><c>JwtBearerOptions.SaveToken</c>.</param>
        public AuthenticationProperties Properties(bool saveToken)
            => new(new SortedList<string, string?>(_properties ??= Describe(saveToken), StringComparer.Ordinal), new SortedList<string, object?>(StringComparer.Ordinal));

        private SortedList<string, string?> Describe(bool saveToken)
        {
            var properties = new AuthenticationProperties { IssuedUtc = Token.ValidFrom, ExpiresUtc = Token.ValidTo };
            if (saveToken)
            {
                properties.StoreTokens([new AuthenticationToken { Name = "access_token", Value = Text }]);
            }

            return new SortedList<string, string?>(properties.Items, StringComparer.Ordinal);
        }
    }
}
