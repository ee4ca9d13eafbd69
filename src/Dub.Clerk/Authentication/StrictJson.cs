using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;

namespace Dub.Clerk.Authentication;

/// <summary>JSON that every reader reads alike: valid UTF-8, the grammar to the letter, and no member twice in an object, however its name
/// is escaped. Where one reader takes the first <c>sub</c> and another the last, a token has two meanings.</summary>
internal static class StrictJson
{
    /// <param name="json">One object, and nothing around it but white space.</param>
    /// <param name="maxDepth">How many objects and arrays may be open at once.</param>
    /// <param name="maxMembers">How many members all its objects may have together; it bounds the work of comparing names.</param>
    public static bool IsObject(ReadOnlySpan<byte> json, int maxDepth, int maxMembers)
    {
        if (!Utf8.IsValid(json) || !JsonGrammar.IsObject(json, maxDepth))
        {
            return false;
        }

        var names = ArrayPool<byte>.Shared.Rent(json.Length);
        var ends = ArrayPool<int>.Shared.Rent(maxMembers + 1);
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = maxDepth });
            _ = reader.Read();
            return new OpenNames(names, ends.AsSpan(0, maxMembers + 1)).AreUniqueIn(ref reader);
        }
        finally
        {
            ArrayPool<int>.Shared.Return(ends);
            ArrayPool<byte>.Shared.Return(names);
        }
    }

    /// <summary>The names in the objects that are still open, one after the other. The last object's names are the last ones.</summary>
    private ref struct OpenNames(Span<byte> names, Span<int> ends)
    {
        private readonly Span<byte> _names = names;
        private readonly Span<int> _ends = ends;
        private int _count;
        private int _members;

        /// <summary>Reads the object that the reader has just entered, up to its end.</summary>
        public bool AreUniqueIn(ref Utf8JsonReader reader)
        {
            var first = _count;
            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                if (reader.TokenType == JsonTokenType.PropertyName)
                {
                    if (!Add(first, ref reader))
                    {
                        return false;
                    }
                }
                else if (reader.TokenType == JsonTokenType.StartObject && !AreUniqueIn(ref reader))
                {
                    return false;
                }
            }

            _count = first;
            return true;
        }

        private bool Add(int first, ref Utf8JsonReader reader)
        {
            if (++_members >= _ends.Length)
            {
                return false;
            }

            var start = EndOf(_count - 1);
            var name = _names.Slice(start, reader.CopyString(_names[start..]));
            for (var i = first; i < _count; i++)
            {
                if (_names[EndOf(i - 1)..EndOf(i)].SequenceEqual(name))
                {
                    return false;
                }
            }

            _ends[_count++] = start + name.Length;
            return true;
        }

        private readonly int EndOf(int index) => index < 0 ? 0 : _ends[index];
    }
}
