using System.Security.Cryptography;

namespace Dub.Clerk.Conversions;

/// <summary>Unguessable characters. The system's generator is asked for much at a time: asking costs more than the answer, and some ids are made for
/// every click.</summary>
internal static class RandomText
{
    [ThreadStatic]
    private static byte[]? _bytes;

    [ThreadStatic]
    private static int _left;

    /// <summary>Fills with characters of an alphabet of 2 to 256, each as likely as any other.</summary>
    public static void Fill(Span<char> destination, ReadOnlySpan<char> alphabet)
    {
        // What lies above the last whole multiple would favour the first characters.
        var limit = 256 - (256 % alphabet.Length);
        for (var i = 0; i < destination.Length;)
        {
            if (Next() is var next && next < limit)
            {
                destination[i++] = alphabet[next % alphabet.Length];
            }
        }
    }

    /// <summary>One of so many, 1 to 256.</summary>
    public static int Below(int count)
    {
        var limit = 256 - (256 % count);
        int next;
        do
        {
            next = Next();
        }
        while (next >= limit);

        return next % count;
    }

    private static int Next()
    {
        var bytes = _bytes ??= new byte[512];
        if (_left == 0)
        {
            RandomNumberGenerator.Fill(bytes);
            _left = bytes.Length;
        }

        // What was given is not kept.
        var next = bytes[--_left];
        bytes[_left] = 0;
        return next;
    }
}
