using System.Text;
using Dub.Clerk.Webhooks;

namespace Dub.Clerk.Host.Doctor;

/// <summary>Delivers to the webhook's public address as Clerk does, what changes nothing: unsigned, wrongly signed and rightly signed.</summary>
internal sealed class WebhookExamination(Installation installation, Probe probe) : IExamination
{
    /// <summary>Of a type that nobody handles, in the plainest spelling, which survives being read and written again.</summary>
    private static readonly byte[] Plain = """{"type":"dubclerk.test","object":"event","data":{}}"""u8.ToArray();

    /// <summary>The same in a spelling that does not.</summary>
    private static readonly byte[] Odd = Encoding.UTF8.GetBytes("{ \"type\" : \"dubclerk\\u002Etest\",\r\n\"object\":\"event\", \"data\":{ \"é\": 1.0 } }\n");

    private static readonly string[] SignInPaths = ["sign-in", "sign-up", "signin", "login", "/client/handshake"];

    private readonly Uri? _address = installation.PublicAddress is { AbsolutePath: "/" } origin ? new Uri(origin, ClerkWebhookEndpoint.DefaultPattern) : installation.PublicAddress;

    public string Subject => "Webhook";

    public async Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken)
    {
        if (_address is null)
        {
            return [Finding.NotChecked("No public address was given, so the webhook is not tried.", "Name it: --url https://app.example.com")];
        }

        List<Finding> findings = [];
        if (_address.Scheme != Uri.UriSchemeHttps && !_address.IsLoopback)
        {
            findings.Add(Finding.Fault($"{_address} is not https; deliveries and cookies can be read on the way.", "Serve it over https, and give Clerk that address."));
        }

        var unsigned = await probe.AskAsync(Name, TestDelivery.CreateUnsigned(_address, Plain), cancellationToken);
        findings.Add(OfUnsigned(unsigned));
        if (unsigned.Status is 400 or 401)
        {
            findings.AddRange(await SignedAsync(cancellationToken));
        }

        return findings;
    }

    private string Name => _address!.Authority;

    private Finding OfUnsigned(ProbeAnswer answer) => answer switch
    {
        { IsNameUnknown: true, Failure: { } failure } when !probe.IsOnline => Finding.NotChecked($"The webhook could not be tried, because {failure}, as no other name can: is this machine offline?"),
        { Failure: { } failure } => Finding.Fault($"The webhook cannot be reached, because {failure}.", "Repair what is before the app (DNS, certificate, firewall, port), or correct --url."),
        { Status: 400 or 401 } => Finding.Ok($"{_address} refuses an unsigned delivery."),
        { Status: >= 200 and < 300 } => Finding.Fault(
            $"{_address} answers an unsigned delivery with {answer.Status}: it takes anything from anybody.", "Let MapClerkWebhooks (or the host) answer there, and nothing before it, such as a page that answers every path."),
        { Location: { } to } when IsSignIn(to) => Finding.Fault(
            $"{_address} sends Clerk's delivery to a sign-in page ({to.GetLeftPart(UriPartial.Path)}).", $"Leave {_address!.AbsolutePath} unprotected: a public route in clerkMiddleware (proxy.ts or middleware.ts), or allow anonymous."),
        { Location: { } to } when to.Scheme != _address!.Scheme || to.Authority != _address.Authority => Finding.Fault(
            $"{_address} redirects to {to.GetLeftPart(UriPartial.Path)}, and Clerk does not follow.", $"Give Clerk, and --url, the address {to.GetLeftPart(UriPartial.Path)}."),
        { Status: >= 300 and < 400 } => Finding.Fault(
            $"{_address} redirects{(answer.Location is { } to ? " to " + to.GetLeftPart(UriPartial.Path) : string.Empty)}, and Clerk does not follow.", "Answer at the address itself: no slash added or removed, no language or sign-in put before it."),
        { Status: 404 or 405 } when IsClerks(answer) => Finding.Fault(
            $"Clerk's middleware answers at {_address} with {answer.Status}, before the webhook is reached.", $"Make {_address!.AbsolutePath} a public route in clerkMiddleware (proxy.ts or middleware.ts)."),
        { Status: 404 or 405 } => Finding.Fault(
            $"{_address} answers {answer.Status}: there is no webhook.", $"Call app.MapClerkWebhooks(), pass {_address!.AbsolutePath} on to the host, or give --url with the path that it has."),
        { Status: 403 } => Finding.Fault($"{_address} answers 403 before the webhook is reached.", "Let the firewall or bot protection before the app pass POST on that path."),
        { Status: 500 } => Finding.Fault($"{_address} answers 500.", "Set CLERK_WEBHOOK_SIGNING_SECRET where it runs; its log says more."),
        { Status: 502 or 503 or 504 } => Finding.Fault($"{_address} answers {answer.Status}: the proxy there does not reach the app.", "Start the app, and correct where the proxy passes requests on to."),
        _ => Finding.Fault($"{_address} answers an unsigned delivery with {answer.Status}, where 400 or 401 belongs.", "Look what answers there before the webhook does."),
    };

    private async Task<IReadOnlyList<Finding>> SignedAsync(CancellationToken cancellationToken)
    {
        var forged = OfForged(await DeliverAsync(Plain, signedFor: Odd));
        if (Secret is null)
        {
            return [forged, Finding.NotChecked("No webhook secret is set here, so no signed delivery could be made.", "Run doctor with the CLERK_WEBHOOK_SIGNING_SECRET that the app has.")];
        }

        var plain = await DeliverAsync(Plain, Plain);
        var odd = await DeliverAsync(Odd, Odd);
        return [forged, OfSigned(plain, odd)];

        Task<ProbeAnswer> DeliverAsync(byte[] body, byte[] signedFor)
        {
            var request = TestDelivery.Create(_address!, Secret ?? SomeSecret, signedFor, installation.Time.GetUtcNow());
            request.Content = TestDelivery.CreateUnsigned(_address!, body).Content;
            return probe.AskAsync(Name, request, cancellationToken);
        }
    }

    private Finding OfForged(ProbeAnswer answer) => answer.Status switch
    {
        400 or 401 => Finding.Ok($"{_address} refuses a delivery whose signature is wrong."),
        >= 200 and < 300 => Finding.Fault($"{_address} takes a delivery whose signature is wrong.", "Check signatures there: MapClerkWebhooks does."),
        0 => Finding.NotChecked($"A delivery whose signature is wrong was not answered: {answer.Failure}."),
        _ => Finding.NotChecked($"{_address} answers a delivery whose signature is wrong with {answer.Status}, which says nothing of the signature.", "Run doctor again later."),
    };

    private Finding OfSigned(ProbeAnswer plain, ProbeAnswer odd) => (plain.Status, odd.Status) switch
    {
        ( >= 200 and < 300, >= 200 and < 300) => Finding.Ok($"{_address} takes a signed delivery, byte for byte as it was sent."),
        ( >= 200 and < 300, _) => Finding.Fault(
            $"{_address} takes one signed delivery and refuses another: something between here and the app alters bodies.", "Let the proxy pass bodies on as they are: no parsing, no reformatting, no change of encoding."),
        (400, _) => Finding.Fault($"{_address} refuses a signed delivery with 400: the headers svix-id, svix-timestamp and svix-signature do not arrive whole.", "Let the proxy pass these headers on."),
        (401, _) => Finding.Fault(
            $"{_address} refuses a delivery that is signed with this CLERK_WEBHOOK_SIGNING_SECRET.",
            "Set the same secret there, the Signing Secret of that very endpoint in the Clerk Dashboard, page Webhooks. If it is the same: see Clock, and whether a proxy alters bodies."),
        (503, _) => Finding.Fault($"{_address} answers a signed delivery with 503: its store is away.", "See Store, and the app's log."),
        (0, _) => Finding.NotChecked($"A signed delivery was not answered: {plain.Failure}."),
        _ => Finding.Fault($"{_address} answers a signed delivery with {plain.Status}, where 2xx belongs.", "The app's log says why."),
    };

    private WebhookSecret? Secret => installation.Options.WebhookSigningSecrets is [var text, ..] && WebhookSecret.TryParse(text, out var secret, out _) ? secret : null;

    /// <summary>To be wrong with.</summary>
    private static WebhookSecret SomeSecret => WebhookSecret.TryParse("whsec_" + Convert.ToBase64String(Guid.NewGuid().ToByteArray()), out var secret, out _)
        ? secret : throw new InvalidOperationException();

    private static bool IsSignIn(Uri address)
        => SignInPaths.Any(path => address.AbsolutePath.Contains(path, StringComparison.OrdinalIgnoreCase)) || address.Host.EndsWith(".accounts.dev", StringComparison.OrdinalIgnoreCase)
            || address.Host.StartsWith("accounts.", StringComparison.OrdinalIgnoreCase);

    private static bool IsClerks(ProbeAnswer answer) => answer.Headers.Keys.Any(name => name.StartsWith("x-clerk-auth", StringComparison.OrdinalIgnoreCase));
}
