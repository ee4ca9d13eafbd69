namespace Dub.Clerk.Authentication;

/// <summary>Whether bytes are one JSON object by RFC 8259, told without an exception: <c>Utf8JsonReader</c> throws at the first wrong byte,
/// and an attacker chooses the bytes. What passes here, it reads to the end.</summary>
internal ref struct JsonGrammar
{
    private readonly ReadOnlySpan<byte> _json;
    private readonly int _maxDepth;
    private int _position;

    private JsonGrammar(ReadOnlySpan<byte> json, int maxDepth)
    {
        _json = json;
        _maxDepth = maxDepth;
    }

    /// <param name="json">Valid UTF-8.</param>
    /// <param name="maxDepth">How many objects and arrays may be open at once.</param>
    public static bool IsObject(ReadOnlySpan<byte> json, int maxDepth)
    {
        var grammar = new JsonGrammar(json, maxDepth);
        grammar.SkipWhiteSpace();
        if (grammar.Peek() != '{' || !grammar.Value(0))
        {
            return false;
        }

        grammar.SkipWhiteSpace();
        return grammar._position == json.Length;
    }

    private readonly int Peek() => _position < _json.Length ? _json[_position] : -1;

    private bool Take(char expected)
    {
        if (Peek() != expected)
        {
            return false;
        }

        _position++;
        return true;
    }

    private void SkipWhiteSpace()
    {
        while (Peek() is ' ' or '\t' or '\r' or '\n')
        {
            _position++;
        }
    }

    private bool Value(int depth) => Peek() switch
    {
        '{' => depth < _maxDepth && Container(depth + 1, '}', named: true),
        '[' => depth < _maxDepth && Container(depth + 1, ']', named: false),
        '"' => Text(),
        't' => Literal("true"u8),
        'f' => Literal("false"u8),
        'n' => Literal("null"u8),
        _ => Number(),
    };

    private bool Container(int depth, char end, bool named)
    {
        _position++;
        SkipWhiteSpace();
        if (Take(end))
        {
            return true;
        }

        while (true)
        {
            SkipWhiteSpace();
            if (named && !Name())
            {
                return false;
            }

            SkipWhiteSpace();
            if (!Value(depth))
            {
                return false;
            }

            SkipWhiteSpace();
            if (Take(end))
            {
                return true;
            }

            if (!Take(','))
            {
                return false;
            }
        }
    }

    private bool Name()
    {
        if (!Text())
        {
            return false;
        }

        SkipWhiteSpace();
        return Take(':');
    }

    private bool Literal(ReadOnlySpan<byte> literal)
    {
        if (!_json[_position..].StartsWith(literal))
        {
            return false;
        }

        _position += literal.Length;
        return true;
    }

    private bool Number()
    {
        _ = Take('-');
        if (!Take('0') && !Digits())
        {
            return false;
        }

        if (Take('.') && !Digits())
        {
            return false;
        }

        if (!Take('e') && !Take('E'))
        {
            return true;
        }

        _ = Take('+') || Take('-');
        return Digits();
    }

    private bool Digits()
    {
        var start = _position;
        while (Peek() is >= '0' and <= '9')
        {
            _position++;
        }

        return _position > start;
    }

    private bool Text()
    {
        if (!Take('"'))
        {
            return false;
        }

        // A plain loop: names and values are short, and a search would cost more than it saves.
        while (_position < _json.Length)
        {
            var value = _json[_position++];
            if (value == '"')
            {
                return true;
            }

            if (value < 0x20 || (value == '\\' && !Escape()))
            {
                return false;
            }
        }

        return false;
    }

    private bool Escape()
    {
        if (Peek() is '"' or '\\' or '/' or 'b' or 'f' or 'n' or 'r' or 't')
        {
            _position++;
            return true;
        }

        // Half of a surrogate pair is no character, and readers disagree on what to make of it.
        return CodeUnit(out var first)
            && !char.IsLowSurrogate(first)
            && (!char.IsHighSurrogate(first) || (Take('\\') && CodeUnit(out var second) && char.IsLowSurrogate(second)));
    }

    private bool CodeUnit(out char unit)
    {
        unit = '\0';
        if (!Take('u') || _json.Length - _position < 4)
        {
            return false;
        }

        for (var i = 0; i < 4; i++)
        {
            var digit = _json[_position++];
            if (!char.IsAsciiHexDigit((char)digit))
            {
                return false;
            }

            unit = (char)((unit << 4) | (digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10));
        }

        return true;
    }
}
