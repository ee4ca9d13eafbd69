using Microsoft.Extensions.Primitives;

namespace Dub.Clerk.Authentication;

/// <summary>A <c>Cookie</c> header read by RFC 6265 alone: split at semicolons, then at the first equals sign, so that other people's cookies
/// (commas, no name, JSON) are stepped over and can hide nothing.</summary>
internal static class CookieHeader
{
    /// <summary>The first cookie of this name that has a value; browsers send the most specific first. Null when there is none.</summary>
    public static string? Find(StringValues header, string name)
    {
        foreach (var line in header)
        {
            var rest = line.AsSpan();
            while (!rest.IsEmpty)
            {
                var end = rest.IndexOf(';');
                var pair = (end < 0 ? rest : rest[..end]).Trim([' ', '\t']);
                rest = end < 0 ? [] : rest[(end + 1)..];
                if (pair.Length > name.Length + 1 && pair[name.Length] == '=' && pair.StartsWith(name, StringComparison.Ordinal))
                {
                    return pair[(name.Length + 1)..].ToString();
                }
            }
        }

        return null;
    }
}
