using System.Security.Cryptography;
using System.Text;

namespace Dub.Clerk.Host.Api;

/// <summary>Lets in who presents the configured key as Bearer, compared in constant time; the refusals are Dub's.</summary>
internal sealed class ApiKeyFilter(HostOptions options) : IEndpointFilter
{
    private const string Scheme = "Bearer ";

    private readonly byte[] _hash = SHA256.HashData(Encoding.UTF8.GetBytes(options.ApiKey));

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var header = context.HttpContext.Request.Headers.Authorization.ToString();
        if (header.Length == 0)
        {
            return ValueTask.FromResult<object?>(DubErrors.Unauthorized("Missing Authorization header."));
        }

        if (!header.StartsWith(Scheme, StringComparison.Ordinal))
        {
            return ValueTask.FromResult<object?>(DubErrors.BadRequest(
                "Misconfigured authorization header. Did you forget to add 'Bearer '? Learn more: https://d.to/auth"));
        }

        // Hashes have one length, so that the comparison does not tell the key's.
        var presented = SHA256.HashData(Encoding.UTF8.GetBytes(header[Scheme.Length..]));
        return CryptographicOperations.FixedTimeEquals(presented, _hash)
            ? next(context)
            : ValueTask.FromResult<object?>(DubErrors.Unauthorized("Unauthorized: Invalid API key."));
    }
}
