using System.Text.Json.Nodes;

namespace Dub.Clerk.Host.StandIns;

/// <summary>Clerk's User object as its API and its webhooks write it, every required field present.</summary>
internal static class ClerkUser
{
    public static JsonObject Create(
        string userId, DateTimeOffset createdAt, string? firstName, string? lastName, string? email, JsonObject? unsafeMetadata)
    {
        var milliseconds = createdAt.ToUnixTimeMilliseconds();
        var emailId = email is null ? null : ClerkStandIn.NewId("idn");
        return new JsonObject
        {
            ["id"] = userId,
            ["object"] = "user",
            ["external_id"] = null,
            ["first_name"] = firstName,
            ["last_name"] = lastName,
            ["username"] = null,
            ["image_url"] = $"https://img.clerk.com/{userId}",
            ["has_image"] = false,
            ["primary_email_address_id"] = emailId,
            ["primary_phone_number_id"] = null,
            ["primary_web3_wallet_id"] = null,
            ["email_addresses"] = email is null ? new JsonArray() : new JsonArray(EmailAddress(emailId!, email, milliseconds)),
            ["phone_numbers"] = new JsonArray(),
            ["web3_wallets"] = new JsonArray(),
            ["passkeys"] = new JsonArray(),
            ["external_accounts"] = new JsonArray(),
            ["saml_accounts"] = new JsonArray(),
            ["enterprise_accounts"] = new JsonArray(),
            ["public_metadata"] = new JsonObject(),
            ["private_metadata"] = new JsonObject(),
            ["unsafe_metadata"] = unsafeMetadata?.DeepClone() ?? new JsonObject(),
            ["password_enabled"] = true,
            ["two_factor_enabled"] = false,
            ["totp_enabled"] = false,
            ["backup_code_enabled"] = false,
            ["mfa_enabled_at"] = null,
            ["mfa_disabled_at"] = null,
            ["banned"] = false,
            ["locked"] = false,
            ["lockout_expires_in_seconds"] = null,
            ["verification_attempts_remaining"] = null,
            ["delete_self_enabled"] = true,
            ["create_organization_enabled"] = true,
            ["create_organizations_limit"] = null,
            ["last_sign_in_at"] = milliseconds,
            ["last_active_at"] = null,
            ["legal_accepted_at"] = null,
            ["created_at"] = milliseconds,
            ["updated_at"] = milliseconds,
        };
    }

    private static JsonObject EmailAddress(string id, string address, long createdAt) => new()
    {
        ["id"] = id,
        ["object"] = "email_address",
        ["email_address"] = address,
        ["reserved"] = false,
        ["verification"] = new JsonObject
        {
            ["object"] = "verification_otp",
            ["status"] = "verified",
            ["strategy"] = "email_code",
            ["attempts"] = 1,
            ["expire_at"] = createdAt + 600_000,
        },
        ["linked_to"] = new JsonArray(),
        ["created_at"] = createdAt,
        ["updated_at"] = createdAt,
    };
}
