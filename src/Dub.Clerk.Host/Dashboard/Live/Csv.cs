using System.Buffers;

namespace Dub.Clerk.Host.Dashboard.Live;

/// <summary>Cells of a CSV file (RFC 4180), such that no spreadsheet takes one for a formula.</summary>
internal static class Csv
{
    /// <summary>What a formula begins with, in its full-width form too.</summary>
    private static readonly SearchValues<char> Formula = SearchValues.Create("=+-@\t\r\n＝＋－＠");

    /// <summary>The semicolon separates cells where the comma is in numbers.</summary>
    private static readonly SearchValues<char> Quoted = SearchValues.Create(",;\"\t\r\n");

    public static string Cell(string? value)
    {
        if (string.IsNullOrEmpty(value))
        {
            return string.Empty;
        }

        // Spaces before it do not make it less of one everywhere.
        var begin = value.AsSpan().TrimStart(' ');
        var text = begin.Length > 0 && Formula.Contains(begin[0]) ? "'" + value : value;
        return text.AsSpan().ContainsAny(Quoted) || text[0] == ' ' || text[^1] == ' ' ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }
}
