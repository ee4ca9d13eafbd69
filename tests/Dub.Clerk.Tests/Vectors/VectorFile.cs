using System.Text.Json;

namespace Dub.Clerk.Tests.Vectors;

internal static class VectorFile
{
    public static JsonElement Read(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Vectors", name)));
        return document.RootElement.Clone();
    }
}
