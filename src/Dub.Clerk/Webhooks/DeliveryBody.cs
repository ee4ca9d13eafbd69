using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace Dub.Clerk.Webhooks;

/// <summary>Reads a delivery's body as the bytes that were signed, up to a limit.</summary>
internal static class DeliveryBody
{
    /// <summary>Clerk's largest deliveries carry a whole e-mail as HTML.</summary>
    public const int MaxBytes = 1024 * 1024;

    private const int FirstBuffer = 16 * 1024;

    /// <summary>Hands the body to <paramref name="handle"/>, which must not keep it.</summary>
    /// <returns>False when it was too large, and nothing is answered yet.</returns>
    public static async Task<bool> ReadAsync(HttpContext context, Func<ReadOnlyMemory<byte>, Task> handle)
    {
        // Memory follows what has arrived, not what was announced: announcing costs a stranger nothing.
        var body = ArrayPool<byte>.Shared.Rent((int)Math.Min(context.Request.ContentLength ?? FirstBuffer, FirstBuffer) + 1);
        try
        {
            var length = 0;
            int read;
            while ((read = await context.Request.Body.ReadAsync(body.AsMemory(length), context.RequestAborted)) > 0)
            {
                length += read;
                if (length > MaxBytes)
                {
                    return false;
                }

                if (length == body.Length)
                {
                    body = Grow(body);
                }
            }

            await handle(body.AsMemory(0, length));
        }
        catch (BadHttpRequestException e)
        {
            // Cut off, too slow, or chunked wrongly: Kestrel says which.
            await Reply.ProblemAsync(context, e.StatusCode, "The body could not be read.");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(body);
        }

        return true;
    }

    private static byte[] Grow(byte[] full)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Min(full.Length * 2, MaxBytes + 1));
        full.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(full);
        return larger;
    }
}
