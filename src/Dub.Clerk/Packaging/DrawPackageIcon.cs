using System;
using System.IO;
using System.IO.Compression;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>Draws the package's icon when it is packed, because NuGet takes no SVG and the repository holds no binaries: two rings that are joined,
/// a click and a sign-up. Compiled by MSBuild (Packaging/Packaging.targets), not into the library.</summary>
public sealed class DrawPackageIcon : Task
{
    private const int Size = 128;

    /// <summary>Every pixel is the mean of so many by so many.</summary>
    private const int Samples = 4;

    [Required]
    public string File { get; set; }

    public override bool Execute()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File));
        using (var png = System.IO.File.Create(File))
        {
            png.Write(new byte[] { 0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A }, 0, 8);
            // Width, height, 8 bits a channel, red, green, blue and alpha, no interlacing.
            WriteChunk(png, "IHDR", new byte[] { 0, 0, 0, Size, 0, 0, 0, Size, 8, 6, 0, 0, 0 });
            WriteChunk(png, "IDAT", Compress(Draw()));
            WriteChunk(png, "IEND", new byte[0]);
        }

        return true;
    }

    private static byte[] Draw()
    {
        var lines = new MemoryStream();
        for (var y = 0; y < Size; y++)
        {
            lines.WriteByte(0); // This line is not filtered.
            for (var x = 0; x < Size; x++)
            {
                double ground = 0, first = 0, second = 0;
                for (var sample = 0; sample < Samples * Samples; sample++)
                {
                    var (px, py) = (x + ((sample % Samples) + 0.5) / Samples, y + ((sample / Samples) + 0.5) / Samples);
                    ground += IsInCard(px, py) ? 1 : 0;
                    var (isFirst, isSecond) = (IsInRing(px, py, 48), IsInRing(px, py, 80));
                    // Above, the second ring lies on the first; below, under it.
                    first += isFirst && !(isSecond && py < Size / 2) ? 1 : 0;
                    second += isSecond && !(isFirst && py >= Size / 2) ? 1 : 0;
                }

                var all = Samples * Samples;
                var rest = all - first - second;
                lines.WriteByte((byte)(((rest * 24) + (first * 255) + (second * 122)) / all));
                lines.WriteByte((byte)(((rest * 24) + (first * 255) + (second * 224)) / all));
                lines.WriteByte((byte)(((rest * 36) + (first * 255) + (second * 190)) / all));
                lines.WriteByte((byte)(ground * 255 / all));
            }
        }

        return lines.ToArray();
    }

    private static bool IsInCard(double x, double y)
    {
        const double Corner = 26;
        var (dx, dy) = (Math.Max(Corner - x, x - (Size - Corner)), Math.Max(Corner - y, y - (Size - Corner)));
        return dx <= 0 || dy <= 0 || (dx * dx) + (dy * dy) <= Corner * Corner;
    }

    private static bool IsInRing(double x, double y, double centre)
    {
        var distance = Math.Sqrt(((x - centre) * (x - centre)) + ((y - (Size / 2)) * (y - (Size / 2))));
        return distance >= 22 && distance <= 32;
    }

    /// <summary>As zlib does it; .NET Standard, which inline tasks are compiled for, has only the deflation within.</summary>
    private static byte[] Compress(byte[] data)
    {
        var result = new MemoryStream();
        result.WriteByte(0x78);
        result.WriteByte(0x9C);
        using (var deflate = new DeflateStream(result, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflate.Write(data, 0, data.Length);
        }

        uint a = 1, b = 0;
        foreach (var value in data)
        {
            a = (a + value) % 65521;
            b = (b + a) % 65521;
        }

        result.Write(BigEndian((b << 16) | a), 0, 4);
        return result.ToArray();
    }

    private static void WriteChunk(Stream png, string type, byte[] data)
    {
        var typed = new byte[4 + data.Length];
        System.Text.Encoding.ASCII.GetBytes(type, 0, 4, typed, 0);
        data.CopyTo(typed, 4);
        png.Write(BigEndian((uint)data.Length), 0, 4);
        png.Write(typed, 0, typed.Length);
        png.Write(BigEndian(Crc32(typed)), 0, 4);
    }

    private static uint Crc32(byte[] data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
        }

        return ~crc;
    }

    private static byte[] BigEndian(uint value) => new[] { (byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value };
}
