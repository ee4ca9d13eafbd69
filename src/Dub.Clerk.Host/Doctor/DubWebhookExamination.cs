using System.Security.Cryptography;
using Dub.Clerk.Webhooks;

namespace Dub.Clerk.Host.Doctor;

/// <summary>Delivers to the public address of the webhook for Dub as Dub does, what changes nothing: wrongly signed and rightly signed. See
/// <see cref="WebhookExamination"/> for what may stand before both.</summary>
internal sealed class DubWebhookExamination(Installation installation, Probe probe) : IExamination
{
    /// <summary>Of a kind that nobody handles.</summary>
    private static readonly byte[] Body = """{"event":"dubclerk.test","data":{}}"""u8.ToArray();

    private readonly Uri? _address = installation.PublicAddress is { } given ? new Uri(given, DubWebhookEndpoint.DefaultPattern) : null;

    public string Subject => "Dub webhook";

    public async Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken)
    {
        if (_address is null)
        {
            return [Finding.NotChecked("No public address was given, so the webhook is not tried.", "Name it: --url https://app.example.com")];
        }

        var forged = await DeliverAsync("whsec_" + RandomNumberGenerator.GetHexString(32, lowercase: true));
        return forged.Status == 401 ? [Finding.Ok($"{_address} refuses a delivery whose signature is wrong."), OfSigned(await DeliverAsync(installation.Options.DubWebhookSecrets[0]))] : [OfForged(forged)];

        Task<ProbeAnswer> DeliverAsync(string secret)
        {
            var request = TestDelivery.CreateUnsigned(_address, Body);
            request.Headers.Add(DubSignature.Header, DubSignature.Sign(secret, Body));
            return probe.AskAsync(_address.Authority, request, cancellationToken);
        }
    }

    private Finding OfForged(ProbeAnswer answer) => answer switch
    {
        { Failure: { } failure } => Finding.NotChecked($"The webhook for Dub could not be tried, because {failure}."),
        { Status: 404 or 405 } => Finding.Fault(
            $"{_address} answers {answer.Status}: there is no webhook for Dub.",
            $"Start the host anew with DUB_WEBHOOK_SECRET, and pass {_address!.AbsolutePath} on to it; or give --url the address that Dub delivers to."),
        { Status: >= 200 and < 300 } => Finding.Fault($"{_address} takes a delivery whose signature is wrong.", "Let the host, or MapDubWebhooks, answer there, and nothing before it."),
        { Status: 400 } => Finding.Fault($"{_address} answers 400: the header {DubSignature.Header} does not arrive whole.", "Let the proxy pass that header on."),
        _ => Finding.Fault($"{_address} answers a delivery whose signature is wrong with {answer.Status}, where 401 belongs.", "Look what answers there before the webhook does; see Webhook."),
    };

    private Finding OfSigned(ProbeAnswer answer) => answer switch
    {
        { Failure: { } failure } => Finding.NotChecked($"A signed delivery was not answered, because {failure}."),
        { Status: >= 200 and < 300 } => Finding.Ok($"{_address} takes a signed delivery."),
        { Status: 401 } => Finding.Fault(
            $"{_address} refuses a delivery that is signed with this DUB_WEBHOOK_SECRET.",
            "Set the same secret there, the one of that very webhook in the Dub dashboard, Settings, Webhooks. If it is the same, something between here and the app alters bodies."),
        { Status: 503 } => Finding.Fault($"{_address} answers a signed delivery with 503: its store is away.", "See Store, and the app's log."),
        _ => Finding.Fault($"{_address} answers a signed delivery with {answer.Status}, where 2xx belongs.", "The app's log says why."),
    };
}
