using System.Collections.Frozen;

namespace Dub.Clerk.Diagnostics;

/// <summary>How values of an enum are written in metrics and spans: <c>signature_mismatch</c>.</summary>
internal static class SnakeCase<T>
    where T : struct, Enum
{
    private static readonly FrozenDictionary<T, string> Names = Enum.GetValues<T>().Distinct().ToFrozenDictionary(value => value, value => Convert(value.ToString()));

    public static string Of(T value) => Names.TryGetValue(value, out var name) ? name : "other";

    private static string Convert(string name)
        => string.Concat(name.Select((letter, at) => char.IsAsciiLetterUpper(letter) ? (at == 0 ? string.Empty : "_") + char.ToLowerInvariant(letter) : letter.ToString()));
}
