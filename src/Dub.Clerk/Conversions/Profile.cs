using System.Text.RegularExpressions;

namespace Dub.Clerk.Conversions;

/// <summary>Fits what Clerk knows of a person to what Dub accepts: one field too long would reject the whole lead there.</summary>
internal static partial class Profile
{
    /// <summary>Dub's limit for names and e-mail addresses, in UTF-16 units.</summary>
    public const int MaxLength = 100;

    /// <summary>First and last name, at most 100 characters; nothing where there is no name.</summary>
    public static string? FitName(string? first, string? last)
    {
        var name = string.Join(' ', new[] { first?.Trim(), last?.Trim() }.Where(part => !string.IsNullOrEmpty(part)));
        if (name.Length > MaxLength)
        {
            // Not through the middle of a character that takes two units.
            name = name[..(char.IsHighSurrogate(name[MaxLength - 1]) ? MaxLength - 1 : MaxLength)].TrimEnd();
        }

        return name.Length == 0 ? null : name;
    }

    /// <summary>Whether it has the form that Dub takes, whatever its length.</summary>
    public static bool IsEmail(string text) => DubEmail().IsMatch(text);

    /// <summary>The address where Dub would take it, else nothing.</summary>
    public static string? FitEmail(string? email) => email is { Length: > 0 and <= MaxLength } && DubEmail().IsMatch(email) ? email : null;

    /// <summary>The picture's address where it is a web address of a sane length, else nothing.</summary>
    public static string? FitAvatar(string? url)
        => url is { Length: <= 2000 } && WebAddress.TryParse(url, out var parsed) && parsed.Scheme is "https" or "http" ? url : null;

    // The pattern of Dub's API, so that it answers 2xx to what passes here. \z, because $ would let a final line feed through.
    [GeneratedRegex(@"^(?!\.)(?!.*\.\.)([A-Za-z0-9_'+\-\.]*)[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9\-]*\.)+[A-Za-z]{2,}\z", RegexOptions.CultureInvariant)]
    private static partial Regex DubEmail();
}
