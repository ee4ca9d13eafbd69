using System.Buffers;
using System.Text.Json;

namespace Dub.Clerk.Authentication;

/// <summary>The rules for a token's header. Members that are not named here are ignored, as Clerk asks (<c>oiat</c>, for one), and so are
/// keys that the token brings along (<c>jwk</c>, <c>jku</c>, <c>x5u</c>).</summary>
internal static class SessionTokenHeader
{
    private const int MaxDepth = 4;
    private const int MaxMembers = 32;
    private const int MaxKeyIdLength = 128;

    private static readonly SearchValues<byte> KeyIdBytes =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"u8);

    /// <param name="header">The decoded header.</param>
    /// <param name="keyId"><c>kid</c>: a part of <paramref name="header"/>.</param>
    public static SessionTokenOutcome Check(ReadOnlySpan<byte> header, out ReadOnlySpan<byte> keyId)
    {
        keyId = default;
        if (!StrictJson.IsObject(header, MaxDepth, MaxMembers))
        {
            return SessionTokenOutcome.HeaderMalformed;
        }

        var algorithmAllowed = false;
        var typeAllowed = true;
        var categoryAllowed = true;
        var critical = false;
        var reader = new Utf8JsonReader(header);
        _ = reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("alg"u8))
            {
                algorithmAllowed = ReadsText(ref reader) && reader.ValueTextEquals("RS256"u8);
            }
            else if (reader.ValueTextEquals("typ"u8))
            {
                typeAllowed = ReadsText(ref reader) && reader.ValueTextEquals("JWT"u8);
            }
            else if (reader.ValueTextEquals("cat"u8))
            {
                categoryAllowed = ReadsText(ref reader) && IsSessionCategory(ref reader);
            }
            else if (reader.ValueTextEquals("kid"u8))
            {
                keyId = ReadsText(ref reader) && IsKeyId(reader.ValueSpan) ? reader.ValueSpan : default;
            }
            else
            {
                critical |= reader.ValueTextEquals("crit"u8) || reader.ValueTextEquals("b64"u8);
                _ = reader.Read();
            }

            reader.Skip();
        }

        return !algorithmAllowed ? SessionTokenOutcome.AlgorithmNotAllowed
            : !typeAllowed ? SessionTokenOutcome.TypeNotAllowed
            : !categoryAllowed ? SessionTokenOutcome.CategoryNotSession
            : critical ? SessionTokenOutcome.CriticalHeader
            : keyId.IsEmpty ? SessionTokenOutcome.KeyIdMalformed
            : SessionTokenOutcome.Valid;
    }

    private static bool ReadsText(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.String;

    /// <summary>Session, or the category that Clerk's SDK defines as carrying no class. A template's or a machine's token is signed by the
    /// same key.</summary>
    private static bool IsSessionCategory(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("cl_B7d4PD111AAA"u8) || reader.ValueTextEquals("cl_I7d4PD111III"u8);

    /// <summary>Compared as it stands: an id needs no escapes, so a backslash is as wrong as any other byte.</summary>
    private static bool IsKeyId(ReadOnlySpan<byte> raw) => raw.Length is > 0 and <= MaxKeyIdLength && !raw.ContainsAnyExcept(KeyIdBytes);
}
