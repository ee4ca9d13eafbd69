using System.CommandLine;
using Dub.Clerk.Host.StandIns.Clerk;

namespace Dub.Clerk.Host.Commands;

/// <summary><c>clerk-stand-in</c>: a Clerk for development, for an app and a host that run by themselves.</summary>
internal static class ClerkStandInCommand
{
    public static Command Create()
    {
        var port = new Option<int>("--port") { Description = "Where it listens, on loopback; 0 takes a free one.", DefaultValueFactory = _ => 4455 };
        var webhooks = new Option<string?>("--webhooks") { Description = "Where signed webhook deliveries go, such as http://localhost:5080/webhooks/clerk. Default: nowhere." };
        var codes = new Option<bool>("--email-codes") { Description = "Ask for a code from an e-mail at sign-up. It is always 424242; no e-mail is sent." };
        var command = new CommandWithExamples(
            "clerk-stand-in",
            "For development only: a Clerk without accounts, which forgets everything when it stops. Needs npm's registry the first time.",
            "clerk-stand-in --webhooks http://localhost:5080/webhooks/clerk")
        {
            port, webhooks, codes,
        };
        command.SetAction((parsed, cancellationToken) => StartupFaults.ReportAsync(() =>
        {
            StartupFaults.RefuseUnknown(parsed.UnmatchedTokens);
            var options = new ClerkServerOptions { Port = parsed.GetValue(port), WebhookAddress = Address(parsed.GetValue(webhooks)), ScriptsFolder = ClerkScripts.DefaultFolder };
            return RunAsync(options, parsed.GetValue(codes), cancellationToken);
        }));
        return command;
    }

    private static Uri? Address(string? text) =>
        text is null ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? address
        : throw new HostSetupException($"--webhooks '{text}' is no address. Write it whole, such as http://localhost:5080/webhooks/clerk.");

    private static async Task<int> RunAsync(ClerkServerOptions options, bool emailCodes, CancellationToken cancellationToken)
    {
        try
        {
            await ClerkScripts.FetchAsync(options.ScriptsFolder!, cancellationToken);
            await using var clerk = await ClerkServer.StartAsync(options, cancellationToken);
            clerk.EmailCodes = emailCodes;
            Show(clerk);
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ctrl-C.
        }

        return ExitCode.Done;
    }

    private static void Show(ClerkServer clerk)
    {
        var address = clerk.Address.GetLeftPart(UriPartial.Authority);
        Console.WriteLine($"""
            A stand-in for Clerk, for development only, until Ctrl-C. Its keys are new at every start.

            # For the app and the host:
            CLERK_PUBLISHABLE_KEY={clerk.Instance.PublishableKey}
            CLERK_SECRET_KEY={clerk.SecretKey}
            CLERK_API_URL={address}
            CLERK_JWT_KEY="{clerk.Instance.PublicKeyPem}"
            # For the host:
            CLERK_WEBHOOK_SIGNING_SECRET={clerk.Instance.WebhookSecret}
            # For examples/NextApp, the first two when it is built:
            NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY={clerk.Instance.PublishableKey}
            NEXT_PUBLIC_CLERK_PROXY_URL=/__clerk
            CLERK_FAPI_URL={address}

            Now listening on: {address}
            """);
    }
}
