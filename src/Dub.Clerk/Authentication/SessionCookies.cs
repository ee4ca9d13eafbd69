using Microsoft.Extensions.Primitives;

namespace Dub.Clerk.Authentication;

/// <summary>Clerk's cookies among all of a request's.</summary>
/// <remarks>Of several with one name the first counts: browsers send the most specific first. An empty one counts as absent.</remarks>
internal ref struct SessionCookies
{
    private const string SessionName = "__session";
    private const string SignedInSinceName = "__client_uat";

    /// <summary><c>__session</c>.</summary>
    public ReadOnlySpan<char> Session;

    /// <summary><c>__session_{suffix}</c> of this instance.</summary>
    public ReadOnlySpan<char> SuffixedSession;

    /// <summary><c>__client_uat</c>: Unix seconds of the last change, <c>0</c> when signed out.</summary>
    public ReadOnlySpan<char> SignedInSince;

    /// <summary><c>__client_uat_{suffix}</c> of this instance.</summary>
    public ReadOnlySpan<char> SuffixedSignedInSince;

    private Seen _seen;

    [Flags]
    private enum Seen
    {
        Session = 1,
        SuffixedSession = 2,
        SignedInSince = 4,
        SuffixedSignedInSince = 8,
    }

    /// <param name="header">All values of the header.</param>
    /// <param name="suffix">The instance's cookie suffix; null when it is not known.</param>
    public static SessionCookies Read(StringValues header, string? suffix)
    {
        var cookies = default(SessionCookies);
        var all = new CookieHeader(header);
        while (all.MoveNext())
        {
            cookies.Add(all.Name, all.Value, suffix);
        }

        return cookies;
    }

    private void Add(ReadOnlySpan<char> name, ReadOnlySpan<char> value, string? suffix)
    {
        if (name.StartsWith(SessionName, StringComparison.Ordinal))
        {
            Keep(name[SessionName.Length..], value, suffix, ref Session, Seen.Session, ref SuffixedSession, Seen.SuffixedSession);
        }
        else if (name.StartsWith(SignedInSinceName, StringComparison.Ordinal))
        {
            Keep(
                name[SignedInSinceName.Length..], value, suffix,
                ref SignedInSince, Seen.SignedInSince, ref SuffixedSignedInSince, Seen.SuffixedSignedInSince);
        }
    }

    private void Keep(
        ReadOnlySpan<char> ending, ReadOnlySpan<char> value, string? suffix,
        ref ReadOnlySpan<char> plain, Seen plainSeen, ref ReadOnlySpan<char> suffixed, Seen suffixedSeen)
    {
        // The whole ending must fit: "__sessionstate" and another instance's "__session_…" are not ours.
        if (ending.IsEmpty && !_seen.HasFlag(plainSeen))
        {
            _seen |= plainSeen;
            plain = value;
        }
        else if (suffix is not null && ending.StartsWith('_') && ending[1..].SequenceEqual(suffix) && !_seen.HasFlag(suffixedSeen))
        {
            _seen |= suffixedSeen;
            suffixed = value;
        }
    }
}
