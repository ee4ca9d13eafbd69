using System.Net;
using System.Net.Http.Json;

namespace Dub.Clerk.Testing.Chaos;

/// <summary>Calls to a host that may be about to find its store again: one that answers 503 is asked once more.</summary>
internal static class PatientApi
{
    public static async Task<T> GetPatientlyAsync<T>(this HttpClient api, string address)
    {
        T? answer = default;
        await UntilAnsweredAsync(address, () => api.GetAsync(address), async response => answer = await response.Content.ReadFromJsonAsync<T>());
        return answer!;
    }

    public static Task PostPatientlyAsync<T>(this HttpClient api, string address, T body)
        => UntilAnsweredAsync(address, () => api.PostAsJsonAsync(address, body), _ => Task.CompletedTask);

    private static Task UntilAnsweredAsync(string address, Func<Task<HttpResponseMessage>> call, Func<HttpResponseMessage, Task> read) => Poll.UntilAsync(
        async () =>
        {
            using var response = await call();
            if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
            {
                return false;
            }

            response.EnsureSuccessStatusCode();
            await read(response);
            return true;
        },
        $"{address} is answered");
}
